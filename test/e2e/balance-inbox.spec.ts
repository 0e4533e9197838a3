import { randomUUID } from 'node:crypto';
import { createBalanceReportStore } from '@firsthand/persistence';
import { createBalanceReports, type BalanceReportRow, type BalanceReportStore } from '@firsthand/pipeline';
import { RetryableError } from '@firsthand/plugin-sdk';
import { logIn, type AdminAnswer, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { decide, event } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';
import { row } from '../support/store-rows.js';

/** What waits in the inbox or is in flight, in the balance and the lists; and the reports of whether the books of a day close. */
let host: TestHost;
let owner: AdminClient;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
});
afterAll(() => host.stop());

const [sample] = row.inbox('sample').records;
const record = (connectionId: string, receivedAt: number) => ({ ...(sample as NonNullable<typeof sample>), connectionId, receivedAt });

it('counts what waits by connection and minute, without reading the records', async () => {
  const { workspaceId, connected: { store, collections } } = host;
  const records = [record('shop', 60_000), record('shop', 119_999), record('app', 60_001), record('shop', 120_000)];
  await store.inbox.append([row.inbox('', { inboxId: `${workspaceId}|new`, workspaceId, records }), row.inbox('', { inboxId: `${workspaceId}|old`, workspaceId, records: [record('shop', 120_500), record('shop', 120_501)] })]);
  await collections.inbox.updateOne({ _id: `${workspaceId}|new` }, { $set: { records: 'no JSON' } });
  // As it was stored before documents were tallied.
  await collections.inbox.updateOne({ _id: `${workspaceId}|old` }, { $unset: { tallies: 1 } });

  const line = (connectionId: string, minute: number, received: number) => ({ connectionId, minute: new Date(minute).toISOString(), received, parts: { pending: received }, difference: 0 });
  const between = `from=${new Date(0).toISOString()}&to=${new Date(600_000).toISOString()}`;
  expect((await owner.get(`/balance?per=minute&${between}`)).body).toMatchObject({ difference: 0, sources: [line('app', 60_000, 1), line('shop', 60_000, 2), line('shop', 120_000, 3)] });
  expect((await owner.get('/balance?connectionId=app')).body).toMatchObject({ sources: [{ connectionId: 'app', received: 1 }] });
  expect((await owner.get(`/balance?per=minute&from=${new Date(60_000).toISOString()}&to=${new Date(120_000).toISOString()}`)).body.sources).toEqual([line('app', 60_000, 1), line('shop', 60_000, 2)]);
});

it('shows what is in flight as pending, wherever deliveries are listed or counted', async () => {
  const { workspaceId, connected: { store, collections } } = host;
  const delivery = (name: string, createdAt: number) => row.delivery('', { deliveryId: `${workspaceId}|${name}`, workspaceId, createdAt, dueAt: createdAt });
  const minute = 1_200_000;
  await store.transaction(async (tx) => {
    await tx.insertDeliveries([delivery('older', minute - 1), { ...delivery('landed', minute + 1), state: 'delivered' }]);
    await tx.insertInFlight({ blockId: `${workspaceId}|crm|1`, workspaceId, connectionId: 'crm', rows: [delivery('a', minute + 2), delivery('b', minute + 2)] });
  });
  const idsOf = ({ body }: AdminAnswer) => (body.items as { id: string }[]).map(({ id }) => id);
  const first = await owner.get('/deliveries?limit=1');
  expect(idsOf(first)).toEqual(['b']);
  expect(idsOf(await owner.get(`/deliveries?limit=2&cursor=${first.body.nextCursor}`))).toEqual(['a', 'landed']);
  expect(idsOf(await owner.get('/deliveries?state=pending'))).toEqual(['b', 'a', 'older']);
  expect(idsOf(await owner.get('/deliveries?state=delivered'))).toEqual(['landed']);
  expect((await owner.get('/deliveries/a')).body).toMatchObject({ id: 'a', state: 'pending' });
  const between = `from=${new Date(minute).toISOString()}&to=${new Date(minute + 60_000).toISOString()}`;
  expect((await owner.get(`/balance?${between}`)).body.destinations).toMatchObject([{ connectionId: 'crm', parts: { pending: 2 } }]);
  await collections.inFlight.deleteMany({});
});

describe('the report of a day', () => {
  const DAY_MS = 86_400_000;
  const DAY = '2026-03-01';
  let world: World;
  afterEach(() => world.close());

  /** A day with something of everything: delivered, waiting for another try, put aside, refused a consent, and still in the inbox. */
  async function liveThrough(): Promise<void> {
    world = await createWorld();
    const minute = (): void => { world.clock.now += 60_000; };
    await decide(world, 'granted');
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    minute();
    world.script.next = () => new RetryableError('busy');
    await world.track([event(world, 'm2'), event(world, 'm3', { event: '' }), event(world, 'm4', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    minute();
    await world.track([event(world, 'm5'), event(world, 'm6')], { isVerified: true });
  }

  interface Judge {
    told: BalanceReportRow[][];
    open: number[];
    tick(): Promise<void>;
  }

  function judge({ tell = () => Promise.resolve(), reports = createBalanceReportStore(world.store.connection) }: { tell?: () => Promise<void>; reports?: BalanceReportStore } = {}): Judge {
    const told: BalanceReportRow[][] = [];
    const open: number[] = [];
    const made = createBalanceReports({
      store: world.store.store, reports, clock: () => world.clock.now, holder: randomUUID(), log: { warn: () => undefined },
      tell: async (_, rows) => { await tell(); told.push([...rows]); }, observe: (_, minutes) => void open.push(minutes),
    });
    return { told, open, tick: () => made.tick([WORKSPACE]) };
  }
  const reportOf = async (day: string) => (await createBalanceReportStore(world.store.connection).find(WORKSPACE, [day])).get(day);
  /** Soon after the next midnight. */
  const nextDay = (): void => { world.clock.now += DAY_MS - (world.clock.now % DAY_MS) + 11 * 60_000; };

  it('closes when all is accounted for, what waits under the minute in which it came', async () => {
    await liveThrough();
    const { told, tick } = judge();
    await tick();
    expect(await reportOf(DAY)).toBeUndefined();
    nextDay();
    await tick();
    expect(await reportOf(DAY)).toMatchObject({ openMinutes: 0, difference: 0, gaps: [], minutes: 5, toldAt: null, judgedAt: world.clock.now, connections: [
      { connectionId: 'web', of: 'records', total: 6, parts: { applied: 3, quarantined: 1, pending: 2 } }, { connectionId: SINK, of: 'deliveries', total: 3, parts: { delivered: 1, 'blocked.no-consent': 1, pending: 1 } },
    ] });
    // Yesterday has a report also where nothing came.
    expect([told, await reportOf('2026-02-28'), await reportOf('2026-02-27')]).toEqual([[], expect.objectContaining({ minutes: 0, openMinutes: 0 }), undefined]);
  });

  it('says which minute does not close and what is missing, is told of once, and judges past days anew', async () => {
    await liveThrough();
    const { ledger } = world.store.collections;
    const lost = await ledger.findOneAndDelete({ connectionId: SINK, 'counts.delivered': { $gt: 0 } });
    if (lost === null) throw new Error('the ledger has counted the delivery');
    let isUnreachable = true;
    const one = judge({ tell: () => (isUnreachable ? Promise.reject(new Error('nobody takes it')) : Promise.resolve()) });
    const other = judge();
    nextDay();
    await expect(one.tick()).rejects.toThrow('nobody takes it');
    isUnreachable = false;
    await Promise.all([one.tick(), other.tick()]);
    await one.tick();
    await other.tick();
    const told = [...one.told, ...other.told];
    expect(told.map((rows) => rows.map(({ day, openMinutes, difference, gaps }) => ({ day, openMinutes, difference, gaps })))).toEqual([[{ day: DAY, openMinutes: 1, difference: 1, gaps: [
      { connectionId: SINK, of: 'deliveries', minute: new Date(lost.minute).toISOString(), total: 1, parts: {}, missing: 1 },
    ] }]]);
    expect([await reportOf(DAY), one.open.at(-1)]).toEqual([expect.objectContaining({ toldMinutes: 1, toldAt: world.clock.now }), 1]);

    await ledger.insertOne(lost);
    nextDay();
    await one.tick();
    expect([await reportOf(DAY), one.open.at(-1), one.told.length + other.told.length]).toEqual([expect.objectContaining({ openMinutes: 0, toldMinutes: 0, judgedAt: world.clock.now }), 0, 1]);

    // What is counted twice shows as well, as often as it happens anew; after a week it is past.
    await ledger.insertOne({ ...lost, _id: `${lost._id}-again` });
    nextDay();
    await one.tick();
    expect([(await reportOf(DAY))?.gaps, one.told.length + other.told.length]).toEqual([[expect.objectContaining({ missing: -1 })], 2]);
    world.clock.now += 5 * DAY_MS;
    await ledger.deleteMany({});
    await one.tick();
    expect(await reportOf(DAY)).toMatchObject({ openMinutes: 1 });
  });

  it('goes on with the next day where a process broke off', async () => {
    await liveThrough();
    nextDay();
    nextDay();
    await world.track([event(world, 'm7')], { isVerified: true });
    nextDay();
    const store = createBalanceReportStore(world.store.connection);
    const asked: string[] = [];
    let breaksAt: string | null = '2026-03-02';
    const reports = { ...store, judge: (workspaceId: string, day: string) => {
      asked.push(day);
      return day === breaksAt ? Promise.reject(new Error('gone')) : store.judge(workspaceId, day);
    } };
    await expect(judge({ reports }).tick()).rejects.toThrow('gone');
    breaksAt = null;
    await judge({ reports }).tick();
    expect(asked).toEqual(['2026-03-03', '2026-03-02', '2026-03-02', DAY, '2026-02-28', '2026-02-27', '2026-02-26', '2026-02-25']);
    expect((await store.list(WORKSPACE, { before: null, limit: 9 })).map(({ day, openMinutes }) => [day, openMinutes])).toEqual([['2026-03-03', 0], [DAY, 0]]);
  });

  it('is listed, the newest first, and shown with its gaps', async () => {
    world = await createWorld();
    const store = createBalanceReportStore(host.connected.connection);
    const gap = { connectionId: 'crm', of: 'deliveries' as const, minute: '2026-03-02T08:00:00.000Z', total: 2, parts: { delivered: 1 }, missing: 1 };
    const sum = { connectionId: 'crm', of: 'deliveries' as const, total: 2, parts: { delivered: 1 }, openMinutes: 1, difference: 1 };
    for (const day of ['2026-03-01', '2026-03-02', '2026-03-03']) {
      const isOpen = day === '2026-03-02';
      await store.save({ workspaceId: host.workspaceId, day, judgedAt: 1_000, minutes: 4, openMinutes: isOpen ? 1 : 0, difference: isOpen ? 1 : 0, connections: isOpen ? [sum] : [], gaps: isOpen ? [gap] : [], toldMinutes: 0, toldAt: null });
    }
    await store.save({ workspaceId: 'elsewhere', day: '2026-03-04', judgedAt: 1_000, minutes: 0, openMinutes: 0, difference: 0, connections: [], gaps: [], toldMinutes: 0, toldAt: null });
    const days = ({ body }: AdminAnswer) => (body.items as { day: string; closes: boolean }[]).map(({ day, closes }) => [day, closes]);
    const first = await owner.get('/balance-reports?limit=2');
    expect(days(first)).toEqual([['2026-03-03', true], ['2026-03-02', false]]);
    expect(days(await owner.get(`/balance-reports?limit=2&cursor=${first.body.nextCursor}`))).toEqual([['2026-03-01', true]]);
    expect((await owner.get('/balance-reports/2026-03-02')).body).toEqual({
      day: '2026-03-02', judgedAt: '1970-01-01T00:00:01.000Z', closes: false, minutes: 4, openMinutes: 1, difference: 1, toldAt: null, connections: [sum], gaps: [gap],
    });
    expect((await owner.get('/balance-reports/2026-03-04')).status).toBe(404);
  });
});
