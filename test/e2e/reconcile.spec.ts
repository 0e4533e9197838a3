import { randomUUID } from 'node:crypto';
import { compileMapping, createSyncDirectory, MAY_NOT_WRITE, syncFlows, syncRuleContentSchema, type ReconcileRepair, type SyncRule } from '@firsthand/domain';
import { createErasureStore, createReconcileStore, reconcileRow } from '@firsthand/persistence';
import { createEraser, createReconcileWorker, newReconcile, startErasure, startNightly, unmergePerson, type ReconcileRow, type ReconcileStore, type ReconcileWorker, type WorkspaceConfiguration } from '@firsthand/pipeline';
import { DestinationGone, InvalidCredentials, InvalidPayload, RateLimited, RetryableError } from '@firsthand/plugin-sdk';
import { fakeListing, type CopyThere, type FakeListing } from '../support/fake-listing.js';
import { decide, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

/** What a system holds against what we hold, on a real MongoDB. */
const RULE: SyncRule = {
  ruleId: 'crm', version: 1,
  ...syncRuleContentSchema.parse({
    name: 'CRM', connectionId: SINK, action: 'upsert-person', purpose: 'marketing', condition: { not: { trait: 'city', op: 'eq', value: 'Nowhere' } },
    fields: [{ field: 'profile.email', to: 'email' }, { field: 'profile.city', to: 'city' }, { field: 'profile.phone', to: 'phone' }],
  }),
};
const DAY_MS = 86_400_000;
let world: World;
let copies: FakeListing;
let reconciles: ReconcileStore;
let worker: ReconcileWorker;

beforeEach(async () => {
  copies = fakeListing();
  world = await createWorld((parts) => {
    parts.flows = syncFlows(RULE);
    parts.purposes.push({ ...MARKETING, key: 'calls' });
    parts.agreements = parts.agreements.map((agreement) => ({ ...agreement, purposes: ['marketing', 'calls', 'service'] }));
    parts.sources.push({ connectionId: 'crm', name: 'CRM', ...copies.source });
    parts.sources.push({ connectionId: 'crm-deletions', mapping: compileMapping({ type: { $const: 'delete' }, messageId: '{{id}}-{{at}}', occurredAt: '{{at}}', 'identities.email': '{{email}}' }) });
    parts.destination = { destinations: { 'upsert-person': copies.destination } };
  });
  change(() => ({ syncs: createSyncDirectory([RULE], (id) => (id === 'web' ? id : 'crm')) }));
  reconciles = createReconcileStore(world.store.connection);
  worker = workerOf('one');
});
afterEach(() => world.close());

function change(by: (current: WorkspaceConfiguration) => Partial<WorkspaceConfiguration>): void {
  world.configuration.current = { ...world.configuration.current, ...by(world.configuration.current) };
}

function workerOf(holder: string): ReconcileWorker {
  return createReconcileWorker({
    reconciles, ingest: world.ingest, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now,
    http: { request: () => Promise.reject(new TypeError('The world has no network.')) }, pluginLog: () => ({ info: () => undefined, warn: () => undefined }), tombstones: TOMBSTONES, holder,
  });
}

/** Somebody of ours who has agreed, and whom the system has not got yet; an hour ago, so that what is written counts as before any reconcile. */
async function person(id: string, traits: Record<string, string>, { isAsked = true } = {}): Promise<void> {
  await world.track([identify(world, randomUUID(), id, { email: `${id}@example.com`, ...traits })], { isVerified: true });
  await world.apply.drain();
  if (isAsked) await decide(world, 'granted', id);
}

const there = (id: string, more: Partial<CopyThere> = {}): CopyThere => ({ id: `c-${id}`, email: `${id}@example.com`, changedAt: '2026-02-01T00:00:00.000Z', ...more });

/** Everything that came is written there, and then the system is as the test says. */
async function synced(rows: CopyThere[]): Promise<void> {
  await deliverAll();
  copies.rows = rows;
  copies.writes = [];
  world.clock.now += 60_000;
}

async function hear(row: CopyThere): Promise<void> {
  await world.track([{ ...row }], { isVerified: true, connectionId: 'crm' });
  await deliverAll();
}

/** Users of the system have deleted somebody, and it tells of it. */
async function tellDeleted(id: string): Promise<void> {
  world.clock.now += 60_000;
  copies.rows = copies.rows.filter(({ email }) => email !== `${id}@example.com`);
  await world.track([{ id, at: new Date(world.clock.now).toISOString(), email: `${id}@example.com` }], { isVerified: true, connectionId: 'crm-deletions' });
  await deliverAll();
  world.clock.now += 60_000;
}

/** Two people set a city to and fro, one here and one there, until that is stopped: we hold Shanghai then, and they Suzhou. */
async function toAndFro(id: string): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    for (const city of ['Shanghai', 'Suzhou']) {
      world.clock.now += 30_000;
      await hear(there(id, { city, changedAt: new Date(world.clock.now).toISOString() }));
    }
    world.clock.now += 30_000;
    await world.track([identify(world, randomUUID(), id, { city: 'Shanghai' })], { isVerified: true });
    await deliverAll();
  }
  expect(await world.store.store.syncs.stopped(WORKSPACE)).toMatchObject({ stopped: [{ field: 'city' }] });
}

async function deliverAll(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await world.settle();
    await world.deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
  }
}

async function begin(repair: ReconcileRepair = 'none', id = 'job'): Promise<boolean> {
  return reconciles.begin(newReconcile({ reconcileId: `${WORKSPACE}|${id}`, workspaceId: WORKSPACE, ruleId: 'crm', connectionId: SINK, repair, by: null }, world.clock.now));
}

async function job(id = 'job'): Promise<ReconcileRow> {
  const row = await world.store.collections.reconciles.findOne({ _id: `${WORKSPACE}|${id}` });
  if (row === null) throw new Error('There is none.');
  return reconcileRow(row);
}

/** `who: kind reason (field reason) state`, in order. */
async function findings(): Promise<string[]> {
  const rows = await world.store.collections.reconcileFindings.find({}).toArray();
  const profiles = new Map((await world.store.collections.profiles.find({}).toArray()).map(({ profileId, identities }) => [profileId, identities.find(({ namespace }) => namespace === 'userId')?.value]));
  return rows.map(({ profileId, kind, reason, consent, fields, state }) => [
    `${profileId === null ? 'nobody' : profiles.get(profileId) ?? '?'}: ${kind} ${[reason, consent].filter((part) => part !== null).join(' ')}`, ...fields.map(({ field, reason: why }) => `${field} ${why}`), state,
  ].join(', ')).sort();
}

async function run(repair: ReconcileRepair): Promise<ReconcileRow> {
  await begin(repair);
  await worker.tick();
  return job();
}

const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: randomUUID, tombstones: TOMBSTONES });

async function erase(id: string): Promise<void> {
  await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: id }], profileId: null }, options());
  await eraseOn();
}

async function eraseOn(): Promise<void> {
  const eraser = createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder: 'eraser' });
  for (let round = 0; round < 3; round += 1) {
    await deliverAll();
    world.clock.now += 60_000;
    await eraser.tick();
  }
}

describe('a reconcile', () => {
  it('finds who is missing, extra or different, says why, and writes nothing', async () => {
    for (const id of ['equal', 'older', 'newer', 'hollow', 'lost', 'twice', 'gone', 'left']) await person(id, { city: 'Shanghai' });
    await person('outside', { city: 'Nowhere' });
    await person('silent', { city: 'Shanghai' }, { isAsked: false });
    await synced([]);
    await erase('gone');
    await person('never', { city: 'Shanghai' });
    await decide(world, 'withdrawn', 'left');
    await world.store.collections.deliveries.deleteMany({ state: 'pending' });
    world.clock.now += 60_000;
    copies.rows = [
      there('equal', { city: ' SHANGHAI ' }), there('older', { city: 'Suzhou' }), there('newer', { city: 'Suzhou', changedAt: '2026-03-01T13:00:00.000Z' }), there('hollow'), there('twice', { city: 'Shanghai' }),
      { ...there('twice', { city: 'Shanghai' }), id: 'c-again' }, there('gone'), there('left'), there('outside', { city: 'Nowhere' }), there('silent', { city: 'Shanghai' }), there('stranger'), { id: '', changedAt: '' },
    ];
    copies.writes = [];
    const { counts, end, unread } = await run('none');
    expect(end).toMatchObject({ as: 'done' });
    expect(await findings()).toEqual([
      'hollow: different fields-differ, city empty-there, reported', 'left: extra no-consent consent-withdrawn, reported', 'lost: missing gone-there, reported', 'never: missing never-written, reported', 'newer: different fields-differ, city theirs-unheard, reported',
      'nobody: extra erased, reported', 'nobody: extra unknown-here, reported', 'older: different fields-differ, city ours-newer, reported', 'outside: extra not-in-condition, reported', 'silent: extra no-consent no-consent, reported', 'twice: extra duplicate-there, reported',
    ]);
    expect(counts).toEqual({ listed: 12, unreadable: 1, people: 10, equal: 2, different: 3, missing: 2, extra: 6, repaired: 0, left: 0, outdated: 0 });
    expect(unread).toEqual([]);
    expect(copies.asked).toEqual([null, '2', '4', '6', '8', '10']);
    await deliverAll();
    expect(copies.writes).toEqual([]);
    expect(await world.store.collections.reconcileSeen.countDocuments({})).toBe(0);
  });

  it('writes ours there: what differs and who is missing, once, and has those forgotten who refused or were erased', async () => {
    for (const id of ['older', 'lost', 'gone', 'left', 'equal']) await person(id, { city: 'Shanghai' });
    await synced([]);
    await erase('gone');
    await decide(world, 'withdrawn', 'left');
    await deliverAll();
    copies.erased = [];
    copies.rows = [there('equal', { city: 'Shanghai' }), there('older', { city: 'Suzhou' }), there('gone'), there('left'), there('stranger')];
    world.clock.now += 60_000;
    const { counts } = await run('push-ours');
    expect(counts).toMatchObject({ different: 1, missing: 1, extra: 3, repaired: 4, left: 1, outdated: 0 });
    await eraseOn();
    expect(copies.writes.map(({ email, city }) => `${String(email)} ${String(city)}`).sort()).toEqual(['lost@example.com Shanghai', 'older@example.com Shanghai']);
    expect(copies.erased.map(({ email }) => email).sort()).toEqual(['gone@example.com', 'left@example.com']);
    expect(copies.rows.map(({ email, city }) => `${email} ${city}`).sort()).toEqual(['equal@example.com Shanghai', 'lost@example.com Shanghai', 'older@example.com Shanghai', 'stranger@example.com undefined']);
    // The copy's own erasure has told the system, and keeps nothing by which they could be found.
    expect(await world.store.collections.erasures.find({}).sort({ startedAt: -1 }).limit(1).toArray()).toMatchObject([{ recipients: [{ connectionId: SINK, status: 'confirmed' }], people: [], profileIds: [], identityKeys: [] }]);
    // Once more there is nothing to write.
    copies.writes = [];
    await begin('push-ours', 'again');
    await worker.tick();
    await deliverAll();
    expect([(await job('again')).counts, copies.writes]).toMatchObject([{ different: 0, missing: 0, extra: 1, repaired: 0 }, []]);
  });

  it('has a copy of somebody who was erased forgotten, and nothing of whom it names besides', async () => {
    await person('gone', { city: 'Shanghai' });
    await synced([]);
    await erase('gone');
    // The contact was given to somebody else, and the system has the old address still.
    await world.track([{ id: 'c-gone', email: 'heir@example.com', changedAt: '2026-02-02T00:00:00.000Z' }], { isVerified: true, connectionId: 'crm' });
    await world.apply.drain();
    Object.assign(copies, { rows: [there('gone')], erased: [] });
    expect((await run('push-ours')).counts).toMatchObject({ extra: 1, repaired: 1 });
    await eraseOn();
    expect(copies.erased).toEqual([{ email: 'gone@example.com' }]);
    expect((await world.store.collections.events.find({ 'record.type': 'identify' }).toArray()).map(({ record }) => record.identities.map(({ value }) => value).sort())).toEqual([['c-gone', 'heir@example.com']]);
  });

  it('takes theirs in: what differs as of now and nothing else of it, whom we do not know, and no yes to anything', async () => {
    await person('older', { city: 'Shanghai', lastName: 'Lima' });
    await person('silent', { city: 'Shanghai' }, { isAsked: false });
    await synced([there('older', { city: 'Suzhou', marketing: true, calls: true, ...{ lastName: 'Wrong' } }), there('silent', { city: 'Suzhou', marketing: true }), there('stranger', { city: 'Ningbo', marketing: true })]);
    const { counts } = await run('take-theirs');
    expect(counts).toMatchObject({ different: 1, extra: 2, repaired: 2, left: 1 });
    await deliverAll();
    const profiles = await world.store.collections.profiles.find({}).toArray();
    const valueOf = (id: string, field: string) => Object.entries(profiles.find(({ identities }) => identities.some(({ value }) => value === `${id}@example.com`))?.fields ?? {}).find(([key]) => key === field)?.[1];
    expect(valueOf('older', 'city')).toMatchObject({ value: 'Suzhou', source: 'crm', at: world.clock.now });
    expect(valueOf('older', 'lastName')).toMatchObject({ value: 'Lima', source: 'web' });
    expect(valueOf('silent', 'city')).toMatchObject({ value: 'Shanghai' });
    expect(valueOf('stranger', 'city')).toMatchObject({ value: 'Ningbo', source: 'crm' });
    // What came with the record of somebody whom we know is no new yes; of a stranger it is their record, as it would be in a poll.
    const told = await world.store.collections.consents.find({ sourceConnectionId: 'crm' }).toArray();
    expect(told.map(({ decision, purpose, identityKey }) => [decision, purpose, identityKey])).toEqual([['granted', 'marketing', expect.stringContaining('stranger')]]);
    expect(copies.writes.filter(({ email, city }) => email === 'older@example.com' && city === 'Shanghai')).toEqual([]);
  });

  it('of two whom the system has merged, and who are told apart here, takes its record for the one\'s whose it is, also where it names the other by what is stronger', async () => {
    const tell = async (row: CopyThere): Promise<void> => {
      await world.track([{ ...row }], { isVerified: true, connectionId: 'crm' });
      await world.apply.drain();
    };
    for (const id of ['ana', 'bo']) {
      await person(id, { city: 'Shanghai' });
      await tell(there(id));
    }
    await tell(there('ana', { id: 'c-ana;c-bo', changedAt: '2026-02-02T00:00:00.000Z' }));
    const merge = await world.store.collections.merges.findOne({});
    await unmergePerson({ workspaceId: WORKSPACE, loser: merge?.loser ?? '' }, options());
    // Whoever merged them there chose the account of the other.
    await synced([there('ana', { id: 'c-ana;c-bo', userId: 'bo', city: 'Shanghai' })]);
    expect((await run('none')).counts).toMatchObject({ listed: 1, equal: 1, different: 0, missing: 1, extra: 0 });
    expect(await findings()).toEqual(['bo: missing merged-there, reported']);
  });

  it('takes nothing that the system may not write', async () => {
    await person('older', { city: 'Shanghai' });
    await synced([there('older', { city: 'Suzhou' })]);
    change(() => ({ ownerRank: Object.assign((field: string, source: string) => (field === 'city' && source === 'crm' ? MAY_NOT_WRITE : 1), { refusesSome: true }) }));
    await run('take-theirs');
    expect(await findings()).toEqual(['older: different fields-differ, city may-not-write, repaired']);
    await world.settle();
    expect((await world.store.collections.profiles.findOne({}))?.fields.city).toMatchObject({ value: 'Shanghai' });
  });

  it('waits for a decision, writes nobody who has refused meanwhile, and leaves what was so no more', async () => {
    for (const id of ['one', 'other', 'wavers', 'lost']) await person(id, { city: 'Shanghai' });
    await synced([there('one', { city: 'Suzhou' }), there('other', { city: 'Suzhou' }), there('wavers', { city: 'Suzhou' })]);
    expect((await run('ask')).counts).toMatchObject({ different: 3, missing: 1, repaired: 0 });
    await deliverAll();
    expect(copies.writes).toEqual([]);
    await decide(world, 'withdrawn', 'wavers');
    const ids = new Map((await world.store.collections.reconcileFindings.find({}).toArray()).map(({ _id, profileId }) => [profileId, _id]));
    const profileOf = async (id: string) => (await world.store.collections.profiles.findOne({ 'identities.value': id }))?.profileId ?? '';
    const decideOn = (decision: 'push-ours' | 'take-theirs' | 'leave', ...who: (string | undefined)[]) => (
      reconciles.decide({ reconcileId: `${WORKSPACE}|job`, workspaceId: WORKSPACE, connectionId: SINK }, who.length === 0 ? {} : { findingIds: who.map(String) }, decision, world.clock.now));
    expect(await decideOn('take-theirs', ids.get(await profileOf('other')))).toBe(1);
    // One at a time: what goes on has to end first.
    await expect(decideOn('push-ours')).rejects.toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    await worker.tick();
    expect(await decideOn('push-ours')).toBe(3);
    await worker.tick();
    expect(await decideOn('leave')).toBe(0);
    await deliverAll();
    expect(await findings()).toEqual([
      'lost: missing gone-there, repaired', 'one: different fields-differ, city ours-newer, repaired', 'other: different fields-differ, city ours-newer, repaired', 'wavers: different fields-differ, city ours-newer, outdated',
    ]);
    expect((await job()).counts).toMatchObject({ repaired: 3, outdated: 1 });
    expect(copies.writes.map(({ email, city }) => `${String(email)} ${String(city)}`).filter((write) => !write.includes('Suzhou')).sort()).toEqual(['lost@example.com Shanghai', 'one@example.com Shanghai']);
    expect((await world.store.collections.profiles.findOne({ 'identities.value': 'other' }))?.fields.city).toMatchObject({ value: 'Suzhou' });
  });

  describe('what no write would change', () => {
    const deliveries = () => world.store.collections.deliveries.countDocuments({});
    const night = async (repair: ReconcileRepair, id: string): Promise<ReconcileRow> => {
      world.clock.now += DAY_MS;
      await world.store.collections.reconcileFindings.deleteMany({});
      await begin(repair, id);
      await worker.tick();
      await deliverAll();
      return job(id);
    };
    const decideAll = async (id: string): Promise<void> => {
      await reconciles.decide({ reconcileId: `${WORKSPACE}|${id}`, workspaceId: WORKSPACE, connectionId: SINK }, {}, 'push-ours', world.clock.now);
      await worker.tick();
      await deliverAll();
    };

    it('is left, night by night, and begins no delivery: whom users of the system have deleted, until the rule makes them again', async () => {
      for (const id of ['ana', 'bo']) await person(id, { city: 'Shanghai' });
      await synced([there('ana', { city: 'Shanghai' }), there('bo', { city: 'Shanghai' })]);
      await tellDeleted('ana');
      const before = await deliveries();
      for (const id of ['one', 'two']) {
        expect((await night('push-ours', id)).counts).toMatchObject({ missing: 1, repaired: 0, left: 1 });
        expect(await findings()).toEqual(['ana: missing deleted-there, left']);
      }
      await night('ask', 'asked');
      expect(await findings()).toEqual(['ana: missing deleted-there, open']);
      await decideAll('asked');
      expect(await findings()).toEqual(['ana: missing deleted-there, left']);
      expect([await deliveries(), copies.writes]).toEqual([before, []]);
      const again: SyncRule = { ...RULE, deletedThere: 'make-again' };
      change(() => ({ syncs: createSyncDirectory([again], (id) => (id === 'web' ? id : 'crm')) }));
      expect((await night('push-ours', 'three')).counts).toMatchObject({ missing: 1, repaired: 1, left: 0 });
      expect([await findings(), copies.writes]).toEqual([['ana: missing gone-there, repaired'], [expect.objectContaining({ email: 'ana@example.com', city: 'Shanghai' })]]);
    });

    it('is left: of whom the system lists still, or again, after it has told of a deletion; taken, they are as any other', async () => {
      await person('ana', { city: 'Shanghai' });
      await synced([]);
      await tellDeleted('ana');
      const before = await deliveries();
      copies.rows = [there('ana', { city: 'Suzhou', changedAt: new Date(world.clock.now).toISOString() })];
      expect((await night('push-ours', 'one')).counts).toMatchObject({ different: 1, repaired: 0, left: 1 });
      expect(await findings()).toEqual(['ana: different deleted-there, city theirs-unheard, left']);
      expect([await deliveries(), copies.writes]).toEqual([before, []]);
      await night('take-theirs', 'two');
      copies.rows = [there('ana', { city: 'Ningbo' })];
      expect((await night('push-ours', 'three')).counts).toMatchObject({ different: 1, repaired: 1 });
      expect(copies.writes.at(-1)).toMatchObject({ city: 'Suzhou' });
    });

    it('is left: a field that is stopped, until somebody releases it; what else differs is written', async () => {
      await person('ana', { city: 'Shanghai', phone: '+4930123456' });
      await synced([there('ana', { city: 'Shanghai', phone: '+4930123456' })]);
      await toAndFro('ana');
      copies.rows = [there('ana', { city: 'Suzhou', phone: '+4930123456' })];
      copies.writes = [];
      const before = await deliveries();
      for (const id of ['one', 'two']) {
        expect((await night('push-ours', id)).counts).toMatchObject({ different: 1, repaired: 0, left: 1 });
        expect(await findings()).toEqual(['ana: different stopped, city stopped, left']);
      }
      await night('ask', 'asked');
      await decideAll('asked');
      expect([await findings(), await deliveries(), copies.writes]).toEqual([['ana: different stopped, city stopped, left'], before, []]);
      copies.rows = [there('ana', { city: 'Suzhou', phone: '+4930999999' })];
      await night('push-ours', 'three');
      expect([await findings(), copies.writes]).toEqual([['ana: different fields-differ, city stopped, phone ours-newer, repaired'], [{ email: 'ana@example.com', phone: '+4930123456' }]]);
      const [one] = (await world.store.store.syncs.stopped(WORKSPACE)).stopped;
      await world.store.store.syncs.release(WORKSPACE, SINK, one?.profileId ?? '', 'city');
      expect((await night('push-ours', 'four')).counts).toMatchObject({ different: 1, repaired: 1, left: 0 });
      expect(copies.writes.at(-1)).toMatchObject({ city: 'Shanghai' });
    });

    it('is left also where the system has told of a deletion after it was found', async () => {
      await person('ana', { city: 'Shanghai' });
      await synced([]);
      await night('ask', 'asked');
      await tellDeleted('ana');
      await decideAll('asked');
      expect([await findings(), copies.writes]).toEqual([['ana: missing gone-there, left'], []]);
    });
  });

  it('during a sync finds what is on its way to be so, by its reason, and has nothing written twice', async () => {
    await person('ana', { city: 'Shanghai' });
    await person('bo', { city: 'Shanghai' });
    await synced([there('ana', { city: 'Shanghai' })]);
    // Both were changed here, and the lane has not come to it.
    for (const id of ['ana', 'bo']) await world.track([identify(world, randomUUID(), id, { city: 'Ningbo' })], { isVerified: true });
    await world.apply.drain();
    expect(await world.store.collections.deliveries.countDocuments({ state: 'pending' })).toBe(2);
    world.clock.now += 60_000;
    await run('push-ours');
    expect((await findings()).map((line) => line.replace(/, repaired$/, ''))).toEqual(['ana: different fields-differ, city write-pending', 'bo: missing write-pending']);
    await deliverAll();
    expect(copies.writes.map(({ email, city }) => `${String(email)} ${String(city)}`).sort()).toEqual(['ana@example.com Ningbo', 'bo@example.com Ningbo']);
  });

  it('goes on where it stood after a stop and after a crash, and does no page twice', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await person(id, { city: 'Shanghai' });
    await synced(['a', 'b', 'c', 'd', 'e'].map((id) => there(id, { city: 'Suzhou' })));
    await begin('push-ours');
    copies.beforePage = () => worker.stop();
    await worker.tick();
    expect([copies.asked, (await job()).counts.different]).toEqual([[null], 2]);
    // One takes it and dies with it.
    copies.beforePage = () => undefined;
    expect(await reconciles.claim({ now: world.clock.now, until: world.clock.now + 60_000, holder: 'dead' })).toMatchObject({ row: { cursor: '2' } });
    const other = workerOf('two');
    await other.tick();
    expect(copies.asked).toEqual([null]);
    world.clock.now += 60_001;
    await other.tick();
    expect(copies.asked).toEqual([null, '2', '4']);
    expect(await job()).toMatchObject({ counts: { listed: 5, different: 5, repaired: 5 }, end: { as: 'done' } });
    await deliverAll();
    expect(copies.writes).toHaveLength(5);
  });

  it('loses its page to who takes it over, or to who ends it', async () => {
    await person('older', { city: 'Shanghai' });
    await synced([there('older', { city: 'Suzhou' })]);
    await begin('push-ours');
    copies.beforePage = () => { throw new RetryableError('down'); };
    const lease = await reconciles.claim({ now: world.clock.now, until: world.clock.now, holder: 'slow' });
    await worker.tick();
    await expect(reconciles.transaction((tx) => tx.writeReconcile(lease as NonNullable<typeof lease>, (lease as NonNullable<typeof lease>).row, 1))).rejects.toThrow(expect.objectContaining({ name: 'FenceLost' }));
    expect(await reconciles.cancel(`${WORKSPACE}|job`, world.clock.now)).toMatchObject({ end: { as: 'cancelled' } });
    copies.beforePage = () => undefined;
    world.clock.now += DAY_MS;
    await worker.tick();
    expect([await job(), await findings()]).toMatchObject([{ end: { as: 'cancelled' }, counts: { listed: 0 } }, []]);
  });

  it('waits for a system that is away or asks to wait, and calls nobody missing whom it could not list', async () => {
    await person('older', { city: 'Shanghai' });
    await synced([there('older', { city: 'Shanghai' }), there('b'), there('c')]);
    await begin();
    // One that names no time to wait has failed, and is asked no sooner.
    let trouble: Error[] = [new RateLimited(120_000), new RateLimited(0), new RetryableError('down')];
    copies.beforePage = (cursor) => { const error = cursor === null ? undefined : trouble.shift(); if (error !== undefined) throw error; };
    for (const waitMs of [120_000, 30_000, 60_000]) {
      await worker.tick();
      const { dueAt, counts } = await job();
      expect([dueAt, counts.missing]).toEqual([world.clock.now + waitMs, 0]);
      await worker.tick();
      world.clock.now += waitMs;
    }
    await worker.tick();
    expect(await job()).toMatchObject({ failures: 0, end: { as: 'done' }, counts: { listed: 3, equal: 1, extra: 2, missing: 0 } });
    trouble = Array.from({ length: 10 }, () => new RetryableError('down'));
    await begin('none', 'away');
    for (let tries = 0; tries < 10; tries += 1) {
      await worker.tick();
      world.clock.now += 15 * 60_000;
    }
    expect(await job('away')).toMatchObject({ end: { as: 'listing-failed' }, counts: { missing: 0 } });
  });

  it.each([new InvalidCredentials('no'), new InvalidPayload('no'), new DestinationGone('no')])('ends at once where the system refuses to list, by its code, and calls nobody missing: %s', async (refusal) => {
    for (const id of ['a', 'b', 'c', 'd']) await person(id, { city: 'Shanghai' });
    await synced(['a', 'b', 'c'].map((id) => there(id, { city: 'Suzhou' })));
    copies.beforePage = (cursor) => { if (cursor === '2') throw refusal; };
    await run('push-ours');
    expect(await job()).toMatchObject({ dueAt: null, failures: 0, end: { as: 'listing-refused', code: refusal.code }, counts: { listed: 2, different: 2, missing: 0, repaired: 0 } });
    await deliverAll();
    expect(copies.writes).toEqual([]);
    expect(await begin('none', 'again')).toBe(true);
  });

  it('keeps to the rate limit of its connection, waits while that is paused, and ends where the rule is gone', async () => {
    await synced(['a', 'b', 'c', 'd', 'e'].map((id) => there(id)));
    const adjust = (more: object) => change(({ destinations }) => ({ destinations: new Map([...destinations].map(([id, connection]) => [id, { ...connection, ...more }])) }));
    adjust({ rateLimit: { perSecond: 0.001, burst: 2 } });
    await begin();
    await worker.tick();
    expect([copies.asked, (await job()).end]).toEqual([[null, '2'], null]);
    expect((await job()).dueAt ?? 0).toBeGreaterThan(world.clock.now + 60_000);
    adjust({ rateLimit: null, status: 'paused' });
    world.clock.now += DAY_MS;
    await worker.tick();
    expect(copies.asked).toHaveLength(2);
    // One at a time of a connection.
    expect(await begin('none', 'second')).toBe(false);
    change(() => ({ flows: [] }));
    world.clock.now += DAY_MS;
    await worker.tick();
    expect(await job()).toMatchObject({ end: { as: 'gone' } });
    expect(await begin('none', 'second')).toBe(true);
  });

  it('begins by itself each night, once, whoever asks', async () => {
    const ask = () => Promise.all([1, 2].map(() => startNightly([WORKSPACE], { reconciles, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now })));
    const count = () => world.store.collections.reconciles.countDocuments({});
    await ask();
    change(() => ({ reconciling: { at: '03:00', timeZone: 'Asia/Shanghai', repair: 'ask', since: world.clock.now } }));
    await ask();
    expect(await count()).toBe(0);
    world.clock.now = Date.parse('2026-03-01T19:00:00Z');
    await ask();
    await worker.tick();
    await ask();
    expect(await count()).toBe(1);
    expect(await world.store.collections.reconciles.findOne({})).toMatchObject({ ruleId: 'crm', repair: 'ask', by: null, end: { as: 'done' } });
    world.clock.now += DAY_MS;
    await ask();
    expect(await count()).toBe(2);
  });
});
