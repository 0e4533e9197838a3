import { FirsthandError, type ErrorCode, type JsonValue } from '@firsthand/domain';
import { createApply, createDeliver, readBlock, recordConsents, type Store, type StoreTransaction } from '@firsthand/pipeline';
import { until } from '../support/until.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';

let world: World;
beforeEach(async () => { world = await createWorld(); });
afterEach(() => world.close());

const quiet = { info: () => undefined, warn: () => undefined };
const event = (messageId: string, more: Record<string, JsonValue> = {}): JsonValue => ({
  type: 'track', event: 'Product Viewed', messageId, userId: 'u1', timestamp: new Date(world.clock.now).toISOString(), properties: {}, ...more,
});

/** The world's parts as seen by another process: same rows, an own store wrapper that can fail at a named point. */
function process(store: Store) {
  const shared = {
    store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now,
    newId: () => crypto.randomUUID(), http: { request: () => Promise.reject(new TypeError('no network')) }, pluginLog: () => quiet, log: quiet,
  };
  return { apply: createApply({ ...shared, tombstoneDigest: (w: string, key: string) => `${w}:${key}` }), deliver: createDeliver({ ...shared, holder: crypto.randomUUID() }), shared };
}

/** A store whose transactions have each of their methods called through `around`. */
function intercepted(around: (method: string, args: unknown[], call: () => unknown) => unknown): Store {
  const { store } = world.store;
  const through = (tx: StoreTransaction): StoreTransaction => new Proxy(tx, {
    get: (target, method: keyof StoreTransaction & string) => (...args: unknown[]) => around(method, args, () => (target[method] as (...given: unknown[]) => unknown).apply(target, args)),
  });
  return { ...store, transaction: (work) => store.transaction((tx) => work(through(tx))) };
}

/** A store whose transactions break where `at` says so, as if the process had died there. */
function breaking(at: (method: string, args: unknown[]) => boolean, code: ErrorCode = 'INTERNAL'): Store {
  return intercepted((method, args, call) => (at(method, args) ? Promise.reject(new FirsthandError(code, 'The process died here.')) : call()));
}

function grant(): Promise<unknown> {
  return recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'u1' }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }],
    agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, process(world.store.store).shared);
}

describe('apply', () => {
  it.each(['insertIdentities', 'writeProfiles', 'insertEvents', 'insertDeliveries', 'insertLedger', 'finishInbox'])('that dies at %s leaves nothing half done, and is done once afterwards', async (point) => {
    await world.track([event('m1'), event('m2')]);
    const dying = process(breaking((method) => method === point));
    void dying.apply.drain();
    await dying.apply.stop();
    expect(await world.store.collections.events.countDocuments({})).toBe(0);
    expect(await world.store.collections.profiles.countDocuments({})).toBe(0);
    expect(await world.store.collections.ledger.countDocuments({})).toBe(0);
    world.clock.now += 60_000;
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(2);
    expect(await world.store.collections.inbox.countDocuments({})).toBe(0);
  });

  it('takes over what a dead worker had claimed, when its lease is over and not before', async () => {
    await world.track([event('m1')]);
    const { documents } = await world.store.store.inbox.claim({ now: world.clock.now, leaseMs: 10_000, maxRecords: 100 });
    expect(documents).toHaveLength(1);
    world.clock.now += 9_999;
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(0);
    world.clock.now += 2;
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(1);
  });

  it('by a worker that lost its claim writes nothing', async () => {
    await world.track([event('m1')]);
    const { store } = world.store;
    const slow = await store.inbox.claim({ now: world.clock.now, leaseMs: 10_000, maxRecords: 100 });
    world.clock.now += 10_001;
    await world.settle();
    await expect(store.transaction(async (tx) => {
      await tx.insertLedger(WORKSPACE, [{ connectionId: 'web', minute: 0, counts: { applied: 99 } }]);
      await tx.finishInbox([{ token: slow.token, inboxIds: slow.documents.map(({ inboxId }) => inboxId) }]);
    })).rejects.toMatchObject({ name: 'FenceLost' });
    expect(await world.store.collections.ledger.countDocuments({ 'counts.applied': 99 })).toBe(0);
  });

  it('sets the one record apart that breaks its batch, and applies the others', async () => {
    await world.track([event('m1'), event('poison'), event('m3')]);
    const isPoisoned = (rows: unknown): boolean => JSON.stringify(rows).includes('"poison"');
    const worker = process(breaking((method, [rows]) => method === 'insertEvents' && isPoisoned(rows)));
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await worker.apply.drain();
      world.clock.now += 60_000;
    }
    const ids = await world.store.collections.events.distinct('record.messageId');
    expect(ids.sort()).toEqual(['m1', 'm3']);
    expect(await world.store.collections.quarantine.findOne({})).toMatchObject({ code: 'RECORD_FAILED' });
    expect(await world.store.collections.inbox.countDocuments({})).toBe(0);
  });
});

describe('apply', () => {
  it.each(['CONFLICT', 'UNAVAILABLE'] as const)('blames no record for what passes by itself (%s), for longer than a dead worker\'s transaction holds its rows', async (code) => {
    await world.track([event('m1'), event('m2')]);
    const held = process(breaking((method, [rows]) => method === 'insertEvents' && (rows as unknown[]).length > 0, code));
    for (const until = world.clock.now + 61_000; world.clock.now < until; world.clock.now += 1_000) await held.apply.drain();
    world.clock.now += 2_000;
    await world.settle();
    expect(await world.store.collections.quarantine.countDocuments({})).toBe(0);
    expect(await world.store.collections.events.distinct('record.messageId')).toEqual(['m1', 'm2']);
  });

  it('blames the record for what usually passes once it does not', async () => {
    await world.track([event('m1'), event('poison')]);
    const worker = process(breaking((method, [rows]) => method === 'insertEvents' && JSON.stringify(rows).includes('"poison"'), 'CONFLICT'));
    for (let second = 0; second < 120; second += 1, world.clock.now += 1_000) await worker.apply.drain();
    expect(await world.store.collections.events.distinct('record.messageId')).toEqual(['m1']);
    expect(await world.store.collections.quarantine.findOne({})).toMatchObject({ code: 'RECORD_FAILED' });
  });
});

/** A store whose transactions read nothing until the gate opens. */
function gated(gate: Promise<void>): Store {
  return intercepted((_method, _args, call) => gate.then(call));
}

it.each([
  ['slow workers', 5],
  ['a worker whose clock is behind', 9_000],
])('a person\'s deliveries keep the order in which they were given out, in spite of %s', async (_, aheadMs) => {
  await grant();
  await world.track([event('second')], { isVerified: true });
  let open = (): void => undefined;
  const late = process(gated(new Promise((resolve) => { open = resolve; })));
  const applying = late.apply.drain();
  await until(() => world.store.collections.inbox.countDocuments({ claim: { $ne: null } }), (count) => count === 1);
  world.clock.now += aheadMs - 1;
  await world.track([event('first')], { isVerified: true });
  await world.apply.drain();
  open();
  await applying;
  world.clock.now += 60_000;
  await world.settle();
  expect(world.received.map(({ payload }) => (payload.event as { messageId: string }).messageId)).toEqual(['first', 'second']);
});

describe('deliver', () => {
  const lane = { workspaceId: WORKSPACE, connectionId: SINK };

  it('that dies after the destination took it sends again with the same key, with both attempts proven', async () => {
    await grant();
    await world.track([event('m1')], { isVerified: true });
    await world.apply.drain();
    let ticks = 0;
    const dying = process(breaking((method) => method === 'advanceLane' && ++ticks > 1));
    await dying.deliver.drainLane(lane);
    expect(world.received).toHaveLength(1);
    world.clock.now += 10_001;
    await world.settle();
    expect(world.received.map(({ idempotencyKey }) => idempotencyKey)).toEqual([world.received[0]?.idempotencyKey, world.received[0]?.idempotencyKey]);
    const blocks = await world.store.collections.evidence.find({}).sort({ seq: 1 }).toArray();
    expect(blocks.flatMap((block) => readBlock(block).evidence)).toHaveLength(2);
  });

  it('that dies before its evidence is written has sent nothing', async () => {
    await grant();
    await world.track([event('m1')], { isVerified: true });
    await world.apply.drain();
    await process(breaking((method) => method === 'insertEvidence')).deliver.drainLane(lane);
    expect(world.received).toEqual([]);
    world.clock.now += 10_001;
    await world.settle();
    expect(world.received).toHaveLength(1);
  });

  it('is one process at a time: a lane that is held is left alone, and an old holder writes nothing', async () => {
    const { store } = world.store;
    const first = await store.acquireLane(lane, 'one', world.clock.now + 10_000, world.clock.now);
    expect(await store.acquireLane(lane, 'two', world.clock.now + 10_000, world.clock.now)).toBeNull();
    world.clock.now += 10_001;
    const second = await store.acquireLane(lane, 'two', world.clock.now + 10_000, world.clock.now);
    expect(second?.fence).toBeGreaterThan(first?.fence as number);
    await expect(store.transaction((tx) => tx.advanceLane(first as NonNullable<typeof first>, { seq: 1, hash: 'x' }))).rejects.toMatchObject({ name: 'FenceLost' });
  });

  it('decides again when a second has passed between the decision and the send', async () => {
    await grant();
    await world.track([event('m1')], { isVerified: true });
    await world.apply.drain();
    let isSlow = true;
    const store = breaking(() => false);
    const late: Store = {
      ...store,
      async transaction(work) {
        const result = await store.transaction(work);
        if (isSlow) world.clock.now += 1_001;
        isSlow = false;
        return result;
      },
    };
    await process(late).deliver.drainLane(lane);
    expect(world.received).toHaveLength(1);
    const blocks = await world.store.collections.evidence.find({}).sort({ seq: 1 }).toArray();
    expect(blocks.flatMap((block) => readBlock(block).outcomes).map(({ outcome }) => outcome)).toEqual(['not-sent', 'delivered']);
    const last = blocks.findLast((block) => readBlock(block).evidence.length > 0);
    expect(world.received[0]?.at as number - (last?.evaluatedAt as number)).toBeLessThanOrEqual(1_000);
  });
});
