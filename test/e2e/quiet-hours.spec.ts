import { BUILT_IN_PERMISSIONS, createAbility } from '@firsthand/access';
import type { FlowDefinition, FlowStep } from '@firsthand/domain';
import { createDeliver, readBlock } from '@firsthand/pipeline';
import { InvalidPayload, RateLimited, RetryableError } from '@firsthand/plugin-sdk';
import type { AdminContext } from '../../apps/host/src/admin/admin-context.js';
import { explainDelivery } from '../../apps/host/src/admin/deliveries/explain-delivery.js';
import { replayDeliveries } from '../../apps/host/src/admin/deliveries/replay-deliveries.js';
import type { Caller } from '../../apps/host/src/admin/http/caller.js';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** A message that was planned by day and would go at night, for whatever reason: it waits for the morning where the person is. The clock begins at noon. */
let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const MORNING = Date.parse('2026-03-02T08:00:00Z');
const mail: FlowStep = { id: 'mail', type: 'deliver', connectionId: SINK, action: 'send-event', channel: 'email' };
const flow = (flowId: string, name: string, steps: FlowStep[]): FlowDefinition => ({ flowId, version: 1, name: flowId, purpose: 'marketing', trigger: { type: 'event', name }, acceptsHistorical: false, steps });
const status = (given: 'enabled' | 'paused') => world.rebuild((parts) => { parts.destination = { ...parts.destination, status: given }; });

async function start(adjust: (parts: WorldParts) => void = () => undefined): Promise<void> {
  world = await createWorld((parts) => {
    parts.flows = [flow('mails', 'Product Viewed', [mail]), flow('data', 'Order Completed', [{ ...mail, id: 'note', channel: undefined } as FlowStep])];
    parts.flowSettings = { timeZone: 'UTC', quietHours: [{ channel: 'email', from: '20:00', to: '08:00' }], caps: [] };
    adjust(parts);
  });
  await decide(world, 'granted');
}
async function track(...messageIds: string[]): Promise<void> {
  await world.track(messageIds.map((id) => event(world, id, id.startsWith('order') ? { event: 'Order Completed' } : {})), { isVerified: true });
  await world.settle();
}
async function at(time: number): Promise<void> {
  world.clock.now = time;
  await world.settle();
}
const sent = (): string[] => world.received.map(({ payload }) => (payload.event as { messageId: string }).messageId);
const rows = () => world.store.collections.deliveries.find({}, { sort: { createdAt: 1, seq: 1 } }).toArray();
const caller = { workspaceId: WORKSPACE, ability: createAbility(BUILT_IN_PERMISSIONS.owner) } as unknown as Caller;
function admin(): AdminContext {
  const { clock, configuration, store: { collections, connection } } = world;
  return { collections, connection, clock: () => clock.now, configuration: { workspace: () => configuration.current }, doorbell: { ringLane: () => undefined }, isDryRun: false } as unknown as AdminContext;
}
async function replay(perSecond?: number): Promise<void> {
  await replayDeliveries(admin(), caller, { filter: { connectionId: SINK, state: 'dead' }, ...(perSecond === undefined ? {} : { perSecond }) });
}

it.each<[why: string, byDay: () => void, atNight: () => void | Promise<void>]>([
  ['is tried again', () => { world.script.next = () => new RateLimited(8.5 * HOUR_MS); }, () => { world.script.next = () => undefined; }],
  ['waited at a connection that was paused', () => status('paused'), () => status('enabled')],
  ['is replayed', () => { world.script.next = () => new InvalidPayload('no'); }, () => { world.script.next = () => undefined; return replay(); }],
])('a message that %s waits for the morning, and is sent once', async (_, byDay, atNight) => {
  await start();
  byDay();
  await track('m1');
  world.received.length = 0;
  world.clock.now = MORNING - 10 * HOUR_MS;
  await atNight();
  await world.settle();
  expect([sent(), await rows()]).toEqual([[], [expect.objectContaining({ state: 'pending', reason: 'quiet-hours', dueAt: MORNING, attempt: 1 })]]);
  expect((await explainDelivery(admin(), caller, String((await rows())[0]?._id).slice(WORKSPACE.length + 1))).words).toContain('quiet hours');
  await at(MORNING - 1);
  expect(sent()).toEqual([]);
  await at(MORNING);
  expect([sent(), await rows()]).toEqual([['m1'], [expect.objectContaining({ state: 'delivered', reason: null })]]);
  expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1, delivered: 1 });
  expect(await world.store.collections.contacts.countDocuments({})).toBe(1);
  const decided = (await world.store.collections.evidence.find({ deliveryIds: { $ne: [] } }, { sort: { seq: 1 } }).toArray()).filter((block) => readBlock(block).evidence.length > 0);
  expect(decided.at(-1)?.evaluatedAt).toBe(MORNING);
  // None was decided at night: nothing is written ahead of a request that does not go.
  expect(decided.filter(({ evaluatedAt }) => evaluatedAt >= MORNING - 12 * HOUR_MS && evaluatedAt < MORNING)).toEqual([]);
});

it('the night is the person’s, and a consent that is gone is seen at once', async () => {
  await start();
  for (const user of ['tokyo', 'gone']) await decide(world, 'granted', user);
  await world.track(['tokyo', 'gone', 'u1'].map((user) => identify(world, `i-${user}`, user, { timezone: user === 'u1' ? 'America/New_York' : 'Asia/Tokyo' })), { isVerified: true });
  // Nine in the morning in Tokyo.
  world.clock.now = MORNING + 16 * HOUR_MS;
  await world.settle();
  status('paused');
  await world.track(['tokyo', 'gone'].map((userId) => event(world, `m-${userId}`, { userId })), { isVerified: true });
  await world.settle();
  await at(MORNING + 28 * HOUR_MS);
  // Noon here: nine in the evening in Tokyo, seven in the morning in New York.
  await decide(world, 'withdrawn', 'gone');
  status('enabled');
  await world.settle();
  expect((await rows()).filter(({ class: kind }) => kind === 'data').map(({ state, reason }) => `${state} ${reason}`).sort()).toEqual(['blocked consent-withdrawn', 'pending quiet-hours']);
  await at(MORNING + 39 * HOUR_MS - 1);
  expect(sent()).toEqual([]);
  await at(MORNING + 39 * HOUR_MS);
  expect(sent()).toEqual(['m-tokyo']);
});

it('messages keep their order behind it, and what nobody notices is not held up', async () => {
  await start((parts) => { parts.destination = { status: 'paused', concurrency: 1 }; });
  await track('m1', 'order-1', 'm2');
  world.clock.now = MORNING - 10 * HOUR_MS;
  status('enabled');
  await world.settle();
  expect(sent()).toEqual(['order-1']);
  await track('order-2');
  expect(sent()).toEqual(['order-1', 'order-2']);
  await at(MORNING);
  expect(sent()).toEqual(['order-1', 'order-2', 'm1', 'm2']);
});

it('what waits for another try is put off with it, and holds up the rest as ever', async () => {
  await start();
  world.script.next = () => new RetryableError('Later.');
  world.clock.now = MORNING - 12 * HOUR_MS - 1;
  await track('m1');
  await at(MORNING - 10 * HOUR_MS);
  expect([sent(), (await rows()).map(({ reason, dueAt }) => [reason, dueAt])]).toEqual([['m1'], [['quiet-hours', MORNING]]]);
  await at(MORNING);
  expect(sent()).toEqual(['m1', 'm1']);
  const [first] = await rows();
  expect([first?.reason, (first?.dueAt ?? 0) > MORNING]).toEqual(['destination-failed', true]);
  world.script.next = () => undefined;
  await track('order-1');
  expect(sent()).toEqual(['m1', 'm1']);
  await at(MORNING + HOUR_MS);
  expect(sent()).toEqual(['m1', 'm1', 'm1', 'order-1']);
});

it('the hours of waiting take nothing of the 72 in which it is tried', async () => {
  await start();
  world.script.next = () => new RateLimited(6 * HOUR_MS);
  await track('m1');
  for (let [row] = await rows(); row?.state === 'pending'; [row] = await rows()) await at(row.dueAt);
  // At 12, 18, 8, 14 (and not at 20), 8, … : every 6 of 72 hours awake, the first and the last included.
  expect(sent()).toHaveLength(13);
  expect(world.received.map((one) => new Date(one.at).getUTCHours()).filter((hour) => hour >= 20 || hour < 8)).toEqual([]);
  expect(await rows()).toEqual([expect.objectContaining({ state: 'dead', reason: 'retries-exhausted:rate-limited' })]);
});

it('what takes something back goes at night, and the metrics count what waits', async () => {
  await start();
  await world.track([identify(world, 'i', 'u1', { email: 'ana@example.com' })], { isVerified: true });
  await track('m1');
  status('paused');
  await track('m2');
  world.clock.now = MORNING - 10 * HOUR_MS;
  status('enabled');
  const settled: string[] = [];
  const silent = { info: () => undefined, warn: () => undefined };
  const deliver = createDeliver({
    store: world.store.store, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, http: { request: () => Promise.reject(new TypeError('no network')) }, pluginLog: () => silent, log: silent,
    holder: crypto.randomUUID(), observer: { exchanged: () => undefined, settled: (_, outcome, reason) => { settled.push(`${outcome} ${reason}`); } },
  });
  await deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
  expect([sent(), settled]).toEqual([['m1'], ['held quiet-hours']]);
  await decide(world, 'withdrawn');
  await world.settle();
  expect(world.received.map(({ operation }) => operation)).toEqual(['send', 'removeMembers']);
  await at(MORNING);
  expect([world.received.length, (await rows()).map(({ state }) => state)]).toEqual([2, ['delivered', 'blocked', 'delivered']]);
});

describe('a replay at a pace', () => {
  it('holds up nothing of its people while it waits for its turn; once tried it does, and each goes once', async () => {
    await start();
    await decide(world, 'granted', 'u2');
    world.script.next = () => new InvalidPayload('no');
    await world.track([event(world, 'order-a', { event: 'Order Completed', userId: 'u2' })], { isVerified: true });
    await world.settle();
    await track('order-b');
    world.received.length = 0;
    world.script.next = () => undefined;
    await replay(0.01);
    await track('order-c');
    expect(sent()).toEqual(['order-a', 'order-c']);
    expect((await rows()).find(({ state }) => state === 'pending')).toMatchObject({ reason: 'replay-paced', dueAt: world.clock.now + 100_000 });
    world.script.next = () => new RetryableError('Later.');
    await at(world.clock.now + 100_000);
    world.script.next = () => undefined;
    await track('order-d');
    expect(sent()).toEqual(['order-a', 'order-c', 'order-b']);
    await at(world.clock.now + HOUR_MS);
    expect(sent()).toEqual(['order-a', 'order-c', 'order-b', 'order-b', 'order-d']);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 4, delivered: 4 });
  });

  it('keeps a removal ahead of what is new: it would take that back', async () => {
    await start();
    world.script.next = () => new InvalidPayload('no');
    await track('order-a', 'order-b');
    await world.store.collections.deliveries.updateMany({ state: 'dead' }, { $set: { class: 'suppression', operation: 'removeMembers', cause: 'segment-left' } });
    await replay(0.01);
    expect((await rows()).filter(({ dueAt }) => dueAt > world.clock.now)).toEqual([expect.objectContaining({ state: 'pending', reason: null })]);
    world.received.length = 0;
    world.script.next = () => undefined;
    await track('order-c');
    expect(sent()).toEqual([]);
  });
});
