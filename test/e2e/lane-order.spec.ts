import type { JsonObject } from '@firsthand/domain';
import { createDeliver, readBlock, type Store } from '@firsthand/pipeline';
import { InvalidPayload, RateLimited, RetryableError, type DestinationDefinition } from '@firsthand/plugin-sdk';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';
import { watchLane } from '../support/watch-lane.js';

/** What happens behind a delivery that waits, and behind one that kills its process. */
let world: World;
afterEach(() => world.close());

const upsert = { id: 'to-crm', type: 'deliver' as const, connectionId: SINK, action: 'upsert-profile' };
const flow = (flowId: string, steps: object[]) => ({ flowId, version: 1, name: flowId, purpose: 'marketing', trigger: { type: 'event' as const, name: '*' }, acceptsHistorical: false, steps }) as never;
const rows = () => world.store.collections.deliveries.find({}, { sort: { seq: 1 } }).toArray();

/** One state of u1 after the other, the first of which has to wait for an hour. */
async function threeStates(headOfLine: 'block' | 'replace', steps: object[] = [upsert]): Promise<void> {
  world = await createWorld((parts) => {
    parts.destination = { headOfLine };
    parts.flows = [flow('sync', steps)];
  });
  await decide(world, 'granted');
  let isFirst = true;
  world.script.next = () => {
    if (!isFirst) return undefined;
    isFirst = false;
    return new RateLimited(3_600_000);
  };
  for (const [index, city] of ['Oslo', 'Bergen', 'Tromsø'].entries()) {
    await world.track([identify(world, `m${index}`, 'u1', { city }), event(world, `e${index}`)], { isVerified: true });
    world.clock.now += 1_000;
    await world.settle();
  }
}
const cities = () => world.received.map(({ payload }) => (payload.profile as { city: string }).city);

describe('behind a delivery that waits for another try', () => {
  it('`block` keeps the order: nothing of the person goes before it', async () => {
    await threeStates('block');
    expect((await rows()).map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    expect(cities()).toEqual(['Oslo']);
    world.clock.now += 3_600_000;
    await world.settle();
    expect((await rows()).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('`replace` lets newer state take its place, at once and accounted for', async () => {
    await threeStates('replace');
    expect((await rows()).map(({ state, reason }) => [state, reason])).toEqual([['cancelled', 'replaced'], ['delivered', null], ['delivered', null]]);
    expect(cities()).toEqual(['Oslo', 'Bergen', 'Tromsø']);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 3, delivered: 2, 'cancelled.replaced': 1 });
  });

  it('`replace` never drops an event', async () => {
    await threeStates('replace', [{ ...upsert, action: 'send-event' }]);
    expect((await rows()).map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
  });

  it('`replace` keeps other steps, and other people, and their order', async () => {
    world = await createWorld((parts) => {
      parts.destination = { headOfLine: 'replace' };
      parts.flows = [flow('one', [upsert]), flow('two', [{ ...upsert, id: 'other' }])];
    });
    for (const user of ['u1', 'u2']) await decide(world, 'granted', user);
    world.script.next = () => new RetryableError('Later.');
    await world.track([event(world, 'a1'), event(world, 'b1', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    world.script.next = () => undefined;
    // Nothing is due but the new one: it takes the place of those of its own step.
    await world.track([event(world, 'a2')], { isVerified: true });
    await world.settle();
    for (let look = 0; look < 3; look += 1) {
      world.clock.now += 3_600_000;
      await world.settle();
    }
    const left = (await rows()).map(({ profileId, stepId, seq, state }) => ({ profileId, stepId, seq, state }));
    expect(left.filter(({ state }) => state === 'cancelled').map(({ stepId }) => stepId)).toEqual(['to-crm']);
    const [cancelled] = left.filter(({ state }) => state === 'cancelled');
    expect(left.filter(({ profileId, state }) => profileId === cancelled?.profileId && state === 'delivered').map(({ stepId }) => stepId).sort()).toEqual(['other', 'other', 'to-crm']);
    expect(left.filter(({ profileId }) => profileId !== cancelled?.profileId).map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  });
});

describe('behind more than can go at once, after a time in which nothing went', () => {
  it.each([
    ['replace', 'upsert-profile', { delivered: 6, 'cancelled.replaced': 18 }], ['block', 'upsert-profile', { delivered: 24 }], ['replace', 'send-event', { delivered: 24 }],
  ] as const)('`%s` by %s comes to %o', async (headOfLine, action, counts) => {
    world = await createWorld((parts) => {
      parts.destination = { headOfLine, concurrency: 1, status: 'paused' };
      parts.flows = [flow('sync', [{ ...upsert, action }])];
    });
    const people = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'];
    for (const user of people) await decide(world, 'granted', user);
    for (const [index, city] of ['Oslo', 'Bergen', 'Tromsø', 'Bodø'].entries()) {
      await world.track(people.flatMap((user) => [identify(world, `m${index}-${user}`, user, { city }), event(world, `e${index}-${user}`, { userId: user })]), { isVerified: true });
      world.clock.now += 1_000;
      await world.settle();
    }
    expect(world.received).toEqual([]);
    world.rebuild((parts) => { parts.destination = { ...parts.destination, status: 'enabled' }; });
    await world.settle();
    const { delivered, ...others } = await ledgerTotals(world);
    expect({ delivered, ...(others['cancelled.replaced'] === undefined ? {} : { 'cancelled.replaced': others['cancelled.replaced'] }) }).toEqual(counts);
    expect([others.deliveries, world.received.length, new Set(cities())]).toEqual([24, counts.delivered, new Set(['Bodø'])]);
    expect(new Set((await rows()).filter(({ state }) => state === 'pending'))).toEqual(new Set());
  });
});

describe('while a destination is down and its breaker open', () => {
  const people = Array.from({ length: 12 }, (_, index) => `u${index + 1}`);
  const pendingOf = async () => (await rows()).filter(({ state }) => state === 'pending').length;

  async function fourStates(headOfLine: 'block' | 'replace'): Promise<number[]> {
    world = await createWorld((parts) => {
      parts.destination = { headOfLine };
      parts.flows = [flow('sync', [upsert])];
    });
    for (const user of people) await decide(world, 'granted', user);
    world.script.next = () => new RetryableError('Down.');
    const waiting: number[] = [];
    for (const [index, city] of ['Oslo', 'Bergen', 'Tromsø', 'Bodø'].entries()) {
      await world.track(people.flatMap((user) => [identify(world, `m${index}-${user}`, user, { city }), event(world, `e${index}-${user}`, { userId: user })]), { isVerified: true });
      world.clock.now += 1_000;
      await world.settle();
      waiting.push(await pendingOf());
    }
    // Each person's first was tried, and nothing since.
    expect(new Set(cities())).toEqual(new Set(['Oslo']));
    return waiting;
  }

  it('`replace` keeps no more than the newest of each person waiting, and sends that', async () => {
    // Of those that were tried, one waits until the lane sends again.
    expect(Math.max(...(await fourStates('replace')))).toBeLessThanOrEqual(2 * people.length);
    const tried = world.received.length;
    world.script.next = () => undefined;
    for (let look = 0; look < 4; look += 1) {
      world.clock.now += 3_600_000;
      await world.settle();
    }
    expect(await pendingOf()).toBe(0);
    expect(new Set(cities().slice(tried))).toEqual(new Set(['Bodø']));
    const { delivered, deliveries, 'cancelled.replaced': replaced } = await ledgerTotals(world);
    expect([delivered, deliveries, replaced]).toEqual([people.length, 4 * people.length, 3 * people.length]);
  });

  it('`block` keeps all', async () => {
    expect(await fourStates('block')).toEqual([12, 24, 36, 48]);
  });
});

it('a lane that is rung while it is closed and a send is under way ends when that one is back', async () => {
  world = await createWorld();
  await decide(world, 'granted');
  const connection = world.configuration.current.destinations.get(SINK);
  const action = connection?.destinations['send-event'];
  if (connection === undefined || action === undefined) throw new Error('the world has a sink');
  let release: () => void = () => undefined;
  let begun: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => { begun = resolve; });
  world.rebuild((parts) => {
    parts.destination = { destinations: { 'send-event': { ...action, send: () => new Promise((resolve) => { release = resolve; begun(); }) } } };
  });
  await world.track([event(world, 'm1')], { isVerified: true });
  await world.apply.drain();
  const lane = { workspaceId: WORKSPACE, connectionId: SINK };
  const done = world.deliver.drainLane(lane);
  await hasBegun;
  world.rebuild((parts) => { parts.destination = { ...parts.destination, status: 'paused' }; });
  void world.deliver.drainLane(lane);
  release();
  await done;
  expect((await rows()).map(({ state }) => state)).toEqual(['delivered']);
});

describe('a call that carries several people’s deliveries', () => {
  /** Each call of the plugin, as the messages that it carried. */
  let calls: string[][];
  const idOf = (payload: unknown): string => (payload as { event: { messageId: string } }).event.messageId;

  async function batches(isJoined: boolean, errorOf: (messageId: string, tries: number) => Error | undefined): Promise<Map<string, string>> {
    world = await createWorld(undefined, { isJoined });
    calls = [];
    const keys = new Map<string, string>();
    const action = world.configuration.current.destinations.get(SINK)?.destinations['send-event'];
    if (action === undefined) throw new Error('the world has a sink');
    const sendBatch: NonNullable<typeof action.sendBatch> = ({ items }) => {
      calls.push(items.map(({ payload }) => idOf(payload)));
      return Promise.resolve(items.map(({ payload, idempotencyKey }) => {
        const id = idOf(payload);
        if ((keys.get(id) ?? idempotencyKey) !== idempotencyKey) throw new TypeError('another key at another try');
        keys.set(id, idempotencyKey);
        const error = errorOf(id, calls.flat().filter((one) => one === id).length);
        return error === undefined ? { ok: true } : { ok: false, error };
      }));
    };
    world.rebuild((parts) => { parts.destination = { destinations: { 'send-event': { ...action, sendBatch } } }; });
    for (const user of ['u1', 'u2', 'u3', 'u4']) await decide(world, 'granted', user);
    return keys;
  }

  it('has only the one that failed tried again, under its key; the others land once, and its person’s next one waits for it', async () => {
    const keys = await batches(false, (id, tries) => (id === 'a1' && tries < 3 ? new RetryableError('Only this one.') : undefined));
    await world.track([event(world, 'a1'), event(world, 'b1', { userId: 'u2' }), event(world, 'c1', { userId: 'u3' }), event(world, 'd1', { userId: 'u4' }), event(world, 'a2'), event(world, 'b2', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    expect([...(calls[0] as string[])].sort()).toEqual(['a1', 'b1', 'c1', 'd1']);
    expect(calls.slice(1)).toEqual([['b2']]);
    const waiting = (await rows()).filter(({ state }) => state === 'pending');
    expect(waiting.map(({ attempt, reason }) => [attempt, reason])).toEqual([[1, 'destination-failed'], [0, null]]);
    for (let look = 0; look < 3; look += 1) {
      world.clock.now += 10_000;
      await world.settle();
    }
    expect(calls.slice(2)).toEqual([['a1'], ['a1'], ['a2']]);
    expect(new Set(keys.values()).size).toBe(6);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 6, delivered: 6 });
    const blocks = await world.store.collections.evidence.find({}, { sort: { seq: 1 } }).toArray();
    expect(blocks.flatMap((block) => readBlock(block).outcomes).filter(({ outcome }) => outcome === 'retry').map(({ reason }) => reason)).toEqual(['destination-failed', 'destination-failed']);
  });

  it('has each ended by its own answer: delivered, dead, and waiting as long as it was asked to', async () => {
    await batches(false, (id) => ({ a1: new InvalidPayload('No.'), b1: new RateLimited(3_600_000), c1: new RetryableError('Later.') } as Record<string, Error>)[id]);
    await world.track(['u1', 'u2', 'u3', 'u4'].map((userId, index) => event(world, `${'abcd'[index]}1`, { userId })), { isVerified: true });
    await world.settle();
    expect(calls).toHaveLength(1);
    expect((await rows()).map(({ state, reason }) => `${state} ${reason}`).sort()).toEqual(['dead invalid-payload', 'delivered null', 'pending destination-failed', 'pending rate-limited']);
    const limited = (await rows()).find(({ reason }) => reason === 'rate-limited');
    expect(limited?.dueAt).toBe(world.clock.now + 3_600_000);
  });
});

describe('a delivery whose process dies with it', () => {
  const lane = { workspaceId: WORKSPACE, connectionId: SINK };
  const quiet = { info: () => undefined, warn: () => undefined };
  const isPoison = (payload: unknown): boolean => JSON.stringify(payload).includes('"poison"');

  /** A process that takes the lane and dies when it has sent the poison: nothing is written or given back any more. */
  async function dieAtPoison(): Promise<void> {
    const { store } = world.store;
    const before = world.received.length;
    const isDead = (): boolean => world.received.slice(before).some(({ payload }) => isPoison(payload));
    const dead = () => Promise.reject(new RetryableError('The process has died.'));
    const dying: Store = { ...store, transaction: (work) => (isDead() ? dead() : store.transaction(work)), releaseLane: (lease) => (isDead() ? dead() : store.releaseLane(lease)) };
    const deliver = createDeliver({
      store: dying, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, http: { request: () => Promise.reject(new TypeError('no network')) },
      pluginLog: () => quiet, log: quiet, holder: crypto.randomUUID(),
    });
    await deliver.drainLane(lane);
    world.clock.now += 10_001;
  }

  async function poisonAmongOthers(isJoined: boolean): Promise<void> {
    world = await createWorld(undefined, { isJoined });
    for (const user of ['u1', 'u2', 'u3', 'u4']) await decide(world, 'granted', user);
    world.apply.intake.close();
    // Where the stages are joined these go out in flight, and nowhere else.
    await world.track(['u1', 'u2', 'u3', 'u4'].map((userId) => event(world, userId === 'u2' ? 'poison' : `m-${userId}`, { userId })), { isVerified: true });
  }

  it('three times is set apart as stalled; those that were in flight beside it are delivered', async () => {
    await poisonAmongOthers(false);
    await world.apply.drain();
    for (let death = 0; death < 3; death += 1) await dieAtPoison();
    expect((await rows()).filter(({ state }) => state === 'dead')).toEqual([]);
    const before = world.received.length;
    await world.settle();
    expect(world.received.slice(before).some(({ payload }) => isPoison(payload))).toBe(false);
    const all = await rows();
    expect(all.map(({ state, reason }) => `${state} ${reason}`).sort()).toEqual(['dead stalled', 'delivered null', 'delivered null', 'delivered null']);
    const poison = all.find(({ state }) => state === 'dead');
    const blocks = await world.store.collections.evidence.find({ deliveryIds: poison?._id ?? '' }, { sort: { seq: 1 } }).toArray();
    const own = blocks.flatMap((block) => readBlock(block).outcomes).filter(({ deliveryId }) => deliveryId === poison?._id);
    expect(own.map(({ outcome, reason }) => [outcome, reason])).toEqual([['stalled', 'stalled'], ['stalled', 'stalled'], ['dead', 'stalled']]);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 4, delivered: 3, 'dead.stalled': 1 });
  });

  it('once or twice is sent again under the same key', async () => {
    await poisonAmongOthers(false);
    await world.apply.drain();
    for (let death = 0; death < 2; death += 1) await dieAtPoison();
    await world.settle();
    expect((await rows()).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
    expect(new Set(world.received.filter(({ payload }) => isPoison(payload)).map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });
});

describe('a destination that has failed for five days', () => {
  it('is given up, with what waits for it kept; not when one delivery has gone through', async () => {
    const disabled: string[] = [];
    world = await createWorld();
    const { store } = world.store;
    const deliver = createDeliver({
      store, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, http: { request: () => Promise.reject(new TypeError('no network')) },
      pluginLog: () => ({ info: () => undefined, warn: () => undefined }), log: { warn: () => undefined }, holder: crypto.randomUUID(), random: () => 0.999,
      disable: ({ connectionId }, reason) => { disabled.push(`${connectionId} ${reason}`); return Promise.resolve(); },
    });
    const days = async (count: number): Promise<void> => {
      for (let step = 0; step < count * 6; step += 1) {
        await world.track([event(world, `m-${world.clock.now}`, { userId: `u${step % 20}` })], { isVerified: true });
        await world.apply.drain();
        await deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
        world.clock.now += 4 * 3_600_000;
      }
    };
    for (let user = 0; user < 20; user += 1) await decide(world, 'granted', `u${user}`);
    world.script.next = () => new RetryableError('Down.');
    await days(4);
    world.script.next = () => undefined;
    await days(1);
    world.script.next = () => new RetryableError('Down.');
    await days(4);
    expect(disabled).toEqual([]);
    await days(2);
    expect(disabled[0]).toBe(`${SINK} failing`);
    expect(await world.store.collections.deliveries.countDocuments({ state: 'pending' })).toBeGreaterThan(0);
  });
});

describe('a delivery that is on its way', () => {
  it('goes ahead of what takes it back, also of somebody who has become one with another meanwhile', async () => {
    world = await createWorld();
    for (const [userId, email] of [['u1', 'ana@example.com'], ['u2', 'bo@example.com']] as const) {
      await decide(world, 'granted', userId);
      await world.track([identify(world, `i-${userId}`, userId, { email })], { isVerified: true });
      await world.apply.drain();
      world.clock.now += 1_000;
    }
    await world.settle();
    world.received.length = 0;
    const lookTwice = watchLane(world);
    const sink = world.configuration.current.destinations.get(SINK)!;
    const slow: DestinationDefinition = { ...sink.destinations['send-event']!, async send({ payload }) {
      await world.track([identify(world, 'joins', 'u2', { email: 'ana@example.com' })], { isVerified: true });
      await world.apply.drain();
      await decide(world, 'withdrawn');
      await lookTwice();
      world.received.push({ operation: 'arrived', payload: payload as JsonObject, idempotencyKey: '', at: 0 });
    } };
    world.configuration.current = { ...world.configuration.current, destinations: new Map([[SINK, { ...sink, destinations: { ...sink.destinations, 'send-event': slow } }]]) };
    await world.track([event(world, 'm1', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    expect(world.received.map(({ operation, payload }) => [operation, payload.email])).toEqual([['arrived', 'bo@example.com'], ['removeMembers', 'bo@example.com']]);
  });

  it('holds back one that was made under another id of its person', async () => {
    world = await createWorld((parts) => { parts.destination = { status: 'paused' }; });
    for (const userId of ['u1', 'u2']) {
      await decide(world, 'granted', userId);
      world.clock.now += 1_000;
    }
    await world.track([event(world, 'm1', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    for (const userId of ['u1', 'u2']) await world.track([identify(world, `i-${userId}`, userId, { email: 'ana@example.com' })], { isVerified: true });
    await world.track([event(world, 'm2')], { isVerified: true });
    await world.settle();
    expect(new Set((await world.store.collections.deliveries.find({}).toArray()).map(({ profileId }) => profileId)).size).toBe(2);
    const sink = world.configuration.current.destinations.get(SINK)!;
    const under: string[] = [];
    const sent: string[][] = [];
    const counting: DestinationDefinition = { ...sink.destinations['send-event']!, async send({ payload }) {
      under.push((payload as { event: { messageId: string } }).event.messageId);
      sent.push([...under]);
      await new Promise(setImmediate);
      under.shift();
    } };
    world.configuration.current = { ...world.configuration.current, destinations: new Map([[SINK, { ...sink, status: 'enabled', destinations: { ...sink.destinations, 'send-event': counting } }]]) };
    await world.settle();
    expect(sent).toEqual([['m1'], ['m2']]);
  });
});
