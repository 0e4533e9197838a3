import { randomUUID } from 'node:crypto';
import { pushLimitsSchema, type FlowDefinition, type FlowStep, type PushLimits } from '@firsthand/domain';
import { createPushGateStore, createSegmentSizeStore } from '@firsthand/persistence';
import { createGatekeeper, createSizeSnapshots, decidePush, pushGateId, type PushGateRow, type PushGateStore, type PushPlace, type PushVerdict } from '@firsthand/pipeline';
import { RetryableError } from '@firsthand/plugin-sdk';
import { decide, erase, eraserOf, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';

/** A segment that moves beyond its limits stops before its push, and waits for a person. */
let world: World;
afterEach(() => world.close());

const place = { workspaceId: WORKSPACE, connectionId: SINK, segmentId: 'locals' };
const toAudience = (flowId: string, segmentId: string): FlowDefinition => ({
  flowId, version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'segment', segmentId, on: 'entered' }, acceptsHistorical: true,
  steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' } }],
});
const sends = (step: Partial<FlowStep> = {}): FlowDefinition => ({ ...toAudience('locals', 'locals'), steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'upsert-profile', mapping: { email: '{{profile.email}}' }, ...step } as FlowStep] });
const limits = (more: Partial<PushLimits>): PushLimits => pushLimitsSchema.parse(more);

async function start(own: PushLimits | null | undefined, flows: FlowDefinition[] = [toAudience('locals', 'locals')], others: string[] = []): Promise<void> {
  world = await createWorld((parts) => {
    parts.segments = [
      { segmentId: 'locals', version: 1, name: 'Locals', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } },
      { segmentId: 'readers', version: 1, name: 'Readers', purpose: 'marketing', condition: { trait: 'language', op: 'eq', value: 'zh' } },
    ];
    parts.flows = flows;
    parts.others = others;
    if (own !== undefined) parts.pushLimits = { locals: own };
  });
}

/** Until nothing is due any more, the gates included. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await world.settle();
  }
}
const consent = { consent: { categoryPreferences: { marketing: true } } };
const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `u${from + index}`);
let messages = 0;
/** One batch, as an import brings it. */
async function become(userIds: readonly string[], traits: Record<string, string>): Promise<void> {
  world.clock.now += 1_000;
  await world.track(userIds.map((userId) => identify(world, `m${messages += 1}`, userId, { email: `${userId}@example.com`, ...traits }, { context: consent })), { isVerified: true });
  await quiet();
}
const sent = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { operation } of world.received.splice(0)) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
};
const gate = async (of: PushPlace = place): Promise<PushGateRow> => (await world.store.store.transaction((tx) => tx.findPushGates([pushGateId(of)]))).get(pushGateId(of)) as PushGateRow;
const verdict = (given: Partial<PushVerdict>) => decidePush(place, { as: 'approved', by: 'u-1', figuresAt: null, ...given }, { store: world.store.store, clock: () => world.clock.now });
const approve = async (): Promise<PushGateRow> => verdict({ figuresAt: (await gate()).figures?.at ?? null });
async function settle(afterMs = 61_000): Promise<void> {
  world.clock.now += afterMs;
  await quiet();
}
async function expectBalance(): Promise<void> {
  const { deliveries, ...ended } = await ledgerTotals(world);
  const pending = await world.store.collections.deliveries.countDocuments({ state: 'pending' });
  expect(Object.entries(ended).filter(([key]) => /^(delivered|cancelled|dead|blocked)/.test(key)).reduce((sum, [, count]) => sum + count, pending)).toBe(deliveries);
}

it('keeps an audience whole that a broken import would empty, without any setting; a no goes at once; approved, it goes', async () => {
  await start(undefined, [toAudience('locals', 'locals'), toAudience('readers', 'readers')]);
  await become(ids(60), { city: 'Shanghai', language: 'de' });
  expect(sent()).toEqual({ addMembers: 60 });
  await become(ids(60), { city: 'Beijing' });
  expect(sent()).toEqual({});
  expect(await gate()).toMatchObject({ state: 'held', figures: { size: 0 }, breaches: [{ kind: 'shrunk', before: 60, now: 0, limit: 49 }], heldSince: world.clock.now });

  // Another segment of the same people, at the same destination, goes on.
  await become(['u0'], { language: 'zh' });
  expect(await world.store.collections.deliveries.countDocuments({ segmentId: 'readers', state: 'pending' })).toBe(0);
  world.received.length = 0;
  await decide(world, 'withdrawn', 'u1');
  await quiet();
  expect(world.received.splice(0).map(({ operation, payload }) => [operation, payload.email])).toEqual([['removeMembers', 'u1@example.com']]);
  await settle();
  await settle();
  expect(world.told.map(({ segmentId, connectionId }) => [segmentId, connectionId])).toEqual([['locals', SINK]]);
  await expectBalance();

  await expect(verdict({ figuresAt: 1 })).rejects.toMatchObject({ code: 'PUSH_MOVED' });
  await approve();
  await settle(1_000);
  // Of u0 the other segment holds on, and u1 is out.
  expect(sent()).toEqual({ removeMembers: 58 });
  expect(await gate()).toMatchObject({ state: 'open', breaches: [], decision: { as: 'approved', by: 'u-1' }, isReleasing: false });
  await expect(approve()).rejects.toMatchObject({ code: 'PUSH_NOT_HELD' });
  await expectBalance();
});

it('opens by itself when the segment is as it was, and takes nobody out', async () => {
  await start(limits({ shrinkPercent: 20, minPeople: 2 }));
  await become(ids(10), { city: 'Shanghai' });
  await become(ids(10), { city: 'Beijing' });
  expect(sent()).toEqual({ addMembers: 10 });
  await become(ids(10), { city: 'Shanghai' });
  await settle();
  expect(sent()).toEqual({});
  expect(await gate()).toMatchObject({ state: 'open' });
  const ended = await world.store.collections.deliveries.find({ state: 'cancelled' }).toArray();
  expect([...new Set(ended.map(({ operation, reason }) => `${operation} ${reason}`))].sort()).toEqual(['addMembers already-confirmed', 'removeMembers segment-entered-again']);
  // A change within the limits goes.
  await become(['u1'], { city: 'Beijing' });
  await settle(1_000);
  expect(sent()).toEqual({ removeMembers: 1 });
});

it('let go at night, messages wait for the morning and are not asked about again', async () => {
  await start(limits({ shrinkPercent: 20, growPeople: 5, minPeople: 2 }), [{ ...toAudience('locals', 'locals'), steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' }, channel: 'email' }] }]);
  world.rebuild((parts) => { parts.flowSettings = { timeZone: 'UTC', quietHours: [{ channel: 'email', from: '20:00', to: '08:00' }], caps: [] }; });
  await become(ids(10), { city: 'Shanghai' });
  await become(ids(5), { city: 'Beijing' });
  await approve();
  await settle(1_000);
  // Growth is measured from what somebody has approved.
  await become(ids(8, 10), { city: 'Shanghai' });
  expect([sent(), (await gate()).state]).toEqual([{ addMembers: 10, removeMembers: 5 }, 'held']);
  world.clock.now = Date.parse('2026-03-01T22:00:00Z');
  await quiet();
  await approve();
  await settle(1_000);
  expect([sent(), await world.store.collections.deliveries.countDocuments({ reason: 'quiet-hours:push-released', dueAt: Date.parse('2026-03-02T08:00:00Z') })]).toEqual([{}, 8]);
  const { checkedAt } = await gate();
  world.clock.now = Date.parse('2026-03-02T08:00:00Z');
  await quiet();
  expect(sent()).toEqual({ addMembers: 8 });
  expect(await gate()).toMatchObject({ state: 'open', checkedAt });
  await expectBalance();
});

it('asks again when it has moved further than was approved, and gives up what is rejected', async () => {
  await start(limits({ shrinkPercent: 20, minPeople: 2 }));
  await become(ids(20), { city: 'Shanghai' });
  await become(ids(10), { city: 'Beijing' });
  expect(sent()).toEqual({ addMembers: 20 });
  const { figures } = await gate();
  expect(figures?.size).toBe(10);
  await approve();
  // Nobody has looked since.
  world.clock.now += 1_000;
  await world.track(ids(8, 10).map((userId) => identify(world, `m${messages += 1}`, userId, { city: 'Beijing' })), { isVerified: true });
  await quiet();
  expect(sent()).toEqual({});
  expect(await gate()).toMatchObject({ state: 'held', breaches: [{ before: 10, now: 2 }] });
  expect(world.told).toHaveLength(2);

  await verdict({ as: 'rejected' });
  await settle();
  expect(sent()).toEqual({});
  expect(await world.store.collections.deliveries.countDocuments({ state: 'cancelled', reason: 'push-rejected' })).toBe(18);
  expect(await gate()).toMatchObject({ state: 'held', rejectedUpTo: null, decision: { as: 'rejected' } });
  await expectBalance();
  // The import is repaired: they are in still, and wanted again.
  await become(ids(20), { city: 'Shanghai' });
  await settle();
  expect(sent()).toEqual({});
  expect(await gate()).toMatchObject({ state: 'open' });
});

it('holds what a segment sends, too: growth, values that are missing, and data that is old', async () => {
  await start(limits({ growPeople: 5, minPeople: 2, missingPoints: 10, staleHours: 24 }), [sends({ mapping: { email: '{{default profile.nickname profile.email}}', profile: { lastName: '{{profile.lastName}}' } } } as Partial<FlowStep>)]);
  await world.track([event(world, 'e1', { userId: 'u0' })], { isVerified: true });
  await become(ids(10), { city: 'Shanghai', lastName: 'Li' });
  // Nothing is known of it: it is looked at, and goes.
  expect(sent()).toEqual({ upsert: 10 });
  expect((await gate()).figures).toMatchObject({ size: 10, newestAt: expect.any(Number), missing: [{ path: 'profile.email', count: 0 }, { path: 'profile.lastName', count: 0 }, { path: 'profile.nickname', count: 10 }] });

  await become(ids(5, 10), { city: 'Shanghai' });
  world.clock.now += 700_000;
  await become(['u20'], { city: 'Shanghai' });
  expect(await gate()).toMatchObject({ state: 'held', breaches: [expect.objectContaining({ kind: 'missing', path: 'profile.lastName', before: 0 })] });
  await approve();
  await settle(1_000);
  expect(await gate()).toMatchObject({ state: 'open', reference: { isApproved: true } });
  sent();

  await become(ids(6, 30), { city: 'Shanghai', lastName: 'Li' });
  expect(await gate()).toMatchObject({ state: 'held', breaches: [expect.objectContaining({ kind: 'grown', before: 16, now: 22, limit: 5 })] });
  await approve();
  await settle(1_000);
  expect(sent()).toEqual({ upsert: 6 });
  await settle(23 * 3_600_000);
  await become(['u40'], { city: 'Shanghai', lastName: 'Li' });
  await settle(2 * 3_600_000);
  await become(['u41'], { city: 'Shanghai', lastName: 'Li' });
  expect((await gate()).breaches.map(({ kind }) => kind)).toContain('stale');
});

it('holds growth against what there was when the hours began, and a loss against the most of them; an approval holds for as many', async () => {
  await start(limits({ growPercent: 50, shrinkPercent: 50, minPeople: 2 }), [sends()]);
  /** How many there are is noted, as it is each hour. */
  const note = () => createSizeSnapshots({ store: world.store.store, sizes: createSegmentSizeStore(world.store.connection), configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now }).tick([WORKSPACE]);
  await become(ids(10), { city: 'Shanghai' });
  // While a segment fills nobody knows what there was.
  expect(sent()).toEqual({ upsert: 10 });
  await note();
  await settle(25 * 3_600_000);
  await become(ids(4, 10), { city: 'Shanghai' });
  expect(sent()).toEqual({ upsert: 4 });
  await become(ids(2, 20), { city: 'Shanghai' });
  expect([sent(), (await gate()).breaches]).toEqual([{}, [{ kind: 'grown', path: null, before: 10, now: 16, limit: 5 }]]);
  await approve();
  await settle(1_000);
  expect(sent()).toEqual({ upsert: 2 });
  await note();
  await settle(25 * 3_600_000);
  await become(ids(13), { city: 'Beijing' });
  await become(ids(2, 30), { city: 'Shanghai' });
  expect([sent(), (await gate()).breaches]).toEqual([{}, [{ kind: 'shrunk', path: null, before: 16, now: 5, limit: 8 }]]);
});

it('looks again after ten minutes where the age of data is of concern, and at nobody before', async () => {
  await start(limits({ staleHours: 0.25, minPeople: 5 }), [sends()]);
  await world.track([event(world, 'e1', { userId: 'u0' })], { isVerified: true });
  await become(ids(6), { city: 'Shanghai' });
  expect([sent(), (await gate()).checkedAt]).toEqual([{ upsert: 6 }, world.clock.now]);
  const { checkedAt } = await gate();
  world.clock.now += 9 * 60_000;
  await become(['u10'], { city: 'Shanghai' });
  expect([sent(), (await gate()).checkedAt]).toEqual([{ upsert: 1 }, checkedAt]);
  world.clock.now += 7 * 60_000;
  await become(['u11'], { city: 'Shanghai' });
  expect([sent(), (await gate()).breaches]).toEqual([{}, [{ kind: 'stale', path: null, before: null, now: 0, limit: 0.25 }]]);
});

it('has one for each destination, and an approval is of one', async () => {
  const [add] = toAudience('locals', 'locals').steps as [FlowStep];
  await start(limits({ shrinkPercent: 20, minPeople: 2 }), [{ ...toAudience('locals', 'locals'), steps: [add, { ...add, id: 'there', connectionId: 'there' } as FlowStep] }], ['there']);
  await become(ids(10), { city: 'Shanghai' });
  await become(ids(10), { city: 'Beijing' });
  expect([sent(), world.told.map(({ connectionId }) => connectionId).sort()]).toEqual([{ addMembers: 10, 'there:addMembers': 10 }, [SINK, 'there']]);
  await approve();
  await settle(1_000);
  expect([sent(), (await gate()).state, (await gate({ ...place, connectionId: 'there' })).state]).toEqual([{ removeMembers: 10 }, 'open', 'held']);
  await expectBalance();
});

it('holds what a flow asks a destination about somebody, too', async () => {
  await start(limits({ shrinkPercent: 20, growPeople: 5, minPeople: 2 }), [sends({ type: 'call', action: 'send-event' } as Partial<FlowStep>), toAudience('members', 'locals')]);
  await become(ids(10), { city: 'Shanghai' });
  await become(ids(9), { city: 'Beijing' });
  expect([sent(), (await gate()).state]).toEqual([{ addMembers: 10, ask: 10 }, 'held']);
  await become(['u20'], { city: 'Shanghai' });
  expect(sent()).toEqual({});
  await approve();
  await settle(1_000);
  expect(sent()).toEqual({ removeMembers: 9, addMembers: 1, ask: 1 });
});

it('stays shut when its figures cannot be had, and says so; off, nothing is held', async () => {
  await start(limits({ shrinkPeople: 1, minPeople: 2 }));
  await become(ids(10), { city: 'Shanghai' });
  sent();
  world.clock.now += 1_000;
  await world.track(ids(10).map((userId) => identify(world, `m${messages += 1}`, userId, { city: 'Beijing' })), { isVerified: true });
  await world.apply.drain();
  await world.deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
  expect(await gate()).toMatchObject({ state: 'asked' });
  const failing: PushGateStore = { ...createPushGateStore(world.store.connection), measure: () => Promise.reject(new TypeError('Away.')) };
  const doorbell = { ringLane: () => undefined };
  const keeper = (pushGates: PushGateStore) => createGatekeeper({ store: world.store.store, pushGates, doorbell, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, holder: randomUUID(), log: { warn: () => undefined }, tell: () => Promise.resolve() });
  await keeper(failing).tick();
  expect(await gate()).toMatchObject({ state: 'held', breaches: [{ kind: 'not-computed' }] });
  await expect(approve()).rejects.toMatchObject({ code: 'PUSH_MOVED' });
  await settle();
  expect(await gate()).toMatchObject({ state: 'held', breaches: [{ kind: 'shrunk' }] });
  expect(sent()).toEqual({});

  // Two workers at once, and the limits taken away: everything goes, once.
  world.rebuild((parts) => { parts.pushLimits = { locals: null }; });
  world.clock.now += 61_000;
  await Promise.all([1, 2, 3].map(() => keeper(createPushGateStore(world.store.connection)).tick()));
  await world.deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
  expect(sent()).toEqual({ removeMembers: 10 });
  expect(await world.store.collections.deliveries.countDocuments({ state: 'pending' })).toBe(0);
});

it('lets out at once who is erased, and keeps the others', async () => {
  await start(limits({ shrinkPercent: 20, minPeople: 2 }));
  // Where no consent is asked for, nothing but the erasure says that they are to be out.
  world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, lawfulBasis: 'legitimate' })); });
  await become(ids(10), { city: 'Shanghai' });
  await become(ids(10), { city: 'Beijing' });
  expect([sent(), (await gate()).state]).toEqual([{ addMembers: 10 }, 'held']);
  const { profileIds: [gone] } = await erase(world, { namespace: 'userId', value: 'u3' });
  const eraser = eraserOf(world);
  const removed = (): string[] => [...new Set(world.received.splice(0).map(({ operation, payload }) => `${operation} ${String(payload.email)}`))];
  world.script.next = () => new RetryableError('Away.');
  await eraser.tick();
  await settle(1_000);
  expect(removed()).toEqual(['removeMembers u3@example.com']);
  world.script.next = () => undefined;
  for (let turn = 0; turn < 5; turn += 1) {
    await eraser.tick();
    await settle();
  }
  const held = await world.store.collections.deliveries.find({ state: 'pending', reason: 'push-held' }).toArray();
  expect([(await gate()).state, held.length, held.filter(({ profileId }) => profileId === gone), removed()]).toEqual(['held', 9, [], ['removeMembers u3@example.com']]);
  // Nothing of them waits for somebody's word on the others.
  expect(await world.store.collections.erasures.findOne({})).toMatchObject({ finishedAt: expect.any(Number) as unknown, profileIds: [], dueAt: null });
});

it('never keeps anybody whose consent has ended', async () => {
  await start(limits({ shrinkPercent: 0, minPeople: 1 }));
  world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, expiresAfterDays: 10 })); });
  await become(ids(3), { city: 'Shanghai' });
  await settle(8 * 86_400_000);
  await become(['u2'], { lastName: 'Li' });
  await decide(world, 'granted', 'u2');
  expect(sent()).toEqual({ addMembers: 3 });
  await settle(3 * 86_400_000);
  await settle();
  expect(sent()).toEqual({ removeMembers: 2 });
  await become(['u2'], { city: 'Beijing' });
  expect(sent()).toEqual({});
});
