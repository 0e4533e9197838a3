import type { FlowDefinition, FlowStep, FlowTrigger, JsonValue } from '@firsthand/domain';
import { createStepCountCompaction, type Store } from '@firsthand/pipeline';
import { InvalidPayload } from '@firsthand/plugin-sdk';
import { decide, event, identify } from '../support/pipeline-story.js';
import { until } from '../support/until.js';
import { createWorld, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const send = (id = 'send', more: Partial<Extract<FlowStep, { type: 'deliver' }>> = {}): FlowStep => ({ id, type: 'deliver', connectionId: SINK, action: 'send-event', ...more });
const flow = (trigger: FlowTrigger, steps: FlowStep[], more: Partial<FlowDefinition> = {}): FlowDefinition => (
  { flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger, acceptsHistorical: false, steps, ...more });
const viewed: FlowTrigger = { type: 'event', name: 'Product Viewed' };

async function start(flows: FlowDefinition[], more: Partial<WorldParts> = {}): Promise<void> {
  world = await createWorld((parts) => Object.assign(parts, { flows, ...more }));
  await decide(world, 'granted');
}
async function track(messages: JsonValue[], options: { isImport?: boolean } = {}): Promise<void> {
  await world.track(messages, { isVerified: true, ...options });
  await world.settle();
}
async function pass(ms: number): Promise<void> {
  world.clock.now += ms;
  await world.settle();
}
const sent = (): string[] => world.received.map(({ idempotencyKey }) => idempotencyKey);
const waiting = () => world.store.collections.runs.countDocuments({ dueAt: { $gt: 0 } });
const ends = async () => (await world.store.collections.runs.find({ dueAt: null }).toArray()).map(({ end }) => end?.as).sort();
/** Of one step: how many came, and how many left by which outcome. */
async function counts(stepId: string): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const row of await world.store.collections.stepCounts.find({}).toArray()) {
    for (const { outcome, count } of row.counts.filter((one) => one.stepId === stepId)) sums[outcome] = (sums[outcome] ?? 0) + count;
  }
  return sums;
}

describe('a cart that is left', () => {
  const cart = (messageId: string, cartId: string): JsonValue => event(world, messageId, { event: 'Product Added', properties: { cartId } });
  const order = (messageId: string, cartId: string, more: Record<string, JsonValue> = {}): JsonValue => event(world, messageId, { event: 'Order Completed', properties: { cartId }, ...more });
  const abandoned = flow({ type: 'event', name: 'Product Added' }, [
    { id: 'wait', type: 'waitUntil', event: { name: 'Order Completed', sameKey: true }, timeout: { hours: 1 }, next: 'bought', onTimeout: 'send' },
    { id: 'bought', type: 'goal', name: 'bought' },
    send(),
  ], { key: '{{event.properties.cartId}}', reentry: 'one-at-a-time' });

  it('is reminded of after an hour, each cart once, and not the one that was bought', async () => {
    await start([abandoned]);
    await track([cart('m1', 'c1'), cart('m2', 'c2'), cart('m3', 'c2'), event(world, 'm4', { event: 'Product Added' })]);
    expect(await waiting()).toBe(2);
    await track([order('m5', 'c1')]);
    expect([await waiting(), await ends()]).toEqual([1, ['goal']]);
    await pass(HOUR_MS);
    expect([sent().length, await waiting(), await ends()]).toEqual([1, 0, ['ended', 'goal']]);
    expect([await counts('wait'), await counts('bought'), await counts('send')]).toEqual([{ entered: 2, event: 1, 'timed-out': 1 }, { entered: 1, goal: 1 }, { entered: 1, deliver: 1 }]);
    await track([cart('m6', 'c2')]);
    expect(await waiting()).toBe(1);
  });

  it('is not reminded of when the order came in the same batch, nor woken by an order of long ago', async () => {
    await start([abandoned]);
    await track([cart('m1', 'c1'), order('m2', 'c1', { timestamp: new Date(world.clock.now + 1_000).toISOString() })]);
    expect([await waiting(), await ends()]).toEqual([0, ['goal']]);
    world.clock.now += 2_000;
    await track([cart('m3', 'c1')]);
    await track([order('m4', 'c1', { timestamp: '2025-01-01T00:00:00Z' })], { isImport: true });
    expect(await waiting()).toBe(1);
  });

  it('is not reminded of when the order of its key was applied in an earlier transaction', async () => {
    await start([abandoned]);
    await track([order('m1', 'c1', { timestamp: new Date(world.clock.now + 1_000).toISOString() }), order('m2', 'c9', { timestamp: new Date(world.clock.now + 1_000).toISOString() })]);
    await track([cart('m3', 'c1'), cart('m4', 'c2')]);
    expect([await waiting(), await counts('wait')]).toEqual([1, { entered: 2, event: 1 }]);
  });

  it('follows the person into a merge', async () => {
    await start([abandoned]);
    await track([identify(world, 'i1', 'u2', { email: 'ana@example.com' })]);
    await track([{ ...(cart('m1', 'c1') as object), userId: 'u2' }]);
    await track([identify(world, 'i2', 'u1', { email: 'ana@example.com' })]);
    expect(await world.store.collections.profiles.countDocuments({})).toBe(1);
    await track([order('m2', 'c1')]);
    expect([await waiting(), await ends()]).toEqual([0, ['goal']]);
  });
});

describe('a wait', () => {
  it('ends when a condition on anything comes to hold, also by a decision and by time alone', async () => {
    const steps: FlowStep[] = [{ id: 'wait', type: 'waitUntil', condition: { any: [{ trait: 'city', op: 'eq', value: 'Lima' }, { not: { event: '*', within: { hours: 5 } } }] }, timeout: { days: 30 } }, send()];
    await start([flow(viewed, steps), flow(viewed, [{ id: 'asked', type: 'waitUntil', condition: { not: { consent: 'marketing' } }, timeout: { days: 30 } }, { id: 'note', type: 'setField', field: 'city', value: 'Lima' }], { flowId: 'g' })]);
    await track([event(world, 'm1')]);
    await pass(4 * HOUR_MS);
    expect(sent()).toEqual([]);
    await track([event(world, 'm2')]);
    await pass(4 * HOUR_MS);
    expect([sent(), await waiting()]).toEqual([[], 4]);
    await pass(HOUR_MS);
    expect([sent().length, await waiting()]).toEqual([2, 2]);
    await decide(world, 'withdrawn');
    expect(await waiting()).toBe(0);
    expect((await world.store.collections.profiles.findOne({}))?.fields.city).toMatchObject({ value: 'Lima', source: 'flow' });
  });

  it('misses no event that is applied while time brings the run to it', async () => {
    await start([flow(viewed, [{ id: 'later', type: 'delay', span: { hours: 1 } }, { id: 'wait', type: 'waitUntil', event: { name: 'Order Completed' }, timeout: { hours: 1 }, next: null, onTimeout: 'send' }, send()])]);
    for (let round = 0; round < 5; round += 1) {
      await track([event(world, `v${round}`)]);
      world.clock.now += HOUR_MS;
      await world.track([event(world, `o${round}`, { event: 'Order Completed', timestamp: new Date(world.clock.now + 1).toISOString() })], { isVerified: true });
      await Promise.all([world.apply.drain(), world.sweep.tick()]);
      await pass(HOUR_MS);
    }
    expect([sent(), await waiting(), await counts('wait')]).toEqual([[], 0, { entered: 5, event: 5 }]);
  });
});

describe('a goal and an exit of the flow', () => {
  const bought: Partial<FlowDefinition> = { goal: { name: 'bought', event: { name: 'Order Completed' } }, exit: { condition: { not: { consent: 'marketing' } } } };
  const steps: FlowStep[] = [{ id: 'later', type: 'delay', span: { days: 3 } }, send()];

  it('end a run at once, whatever it waits for, and are counted apart', async () => {
    await start([flow(viewed, steps, bought), flow(viewed, [{ id: 'ask', type: 'waitUntil', event: { name: 'Cart Viewed' }, timeout: { days: 1 } }, send()], { ...bought, flowId: 'g' })]);
    await track([event(world, 'm1')]);
    expect(await waiting()).toBe(2);
    await track([event(world, 'm2', { event: 'Order Completed' })]);
    expect([await waiting(), await ends(), await counts('later'), await counts('ask')]).toEqual([0, ['goal', 'goal'], { entered: 1, 'goal-reached': 1 }, { entered: 1, 'goal-reached': 1 }]);
    await track([event(world, 'm3')]);
    await decide(world, 'withdrawn');
    expect([await waiting(), await ends(), await counts('later')]).toEqual([0, ['exited', 'exited', 'goal', 'goal'], { entered: 2, 'goal-reached': 1, 'exit-met': 1 }]);
    await track([event(world, 'm4')]);
    await pass(96 * HOUR_MS);
    expect([await waiting(), sent()]).toEqual([0, []]);
  });

  it('come by time alone', async () => {
    await start([flow(viewed, steps, { exit: { condition: { not: { event: '*', within: { hours: 5 } } } } })]);
    await track([event(world, 'm1')]);
    await pass(5 * HOUR_MS - 1);
    expect(await waiting()).toBe(1);
    await pass(1);
    expect([await waiting(), await ends()]).toEqual([0, ['exited']]);
  });
});

describe('who comes in', () => {
  it.each<[string, FlowDefinition['reentry'], number[]]>([
    ['always', undefined, [1, 2, 3, 4]],
    ['never again', 'never', [1, 1, 1, 1]],
    ['again after two days', { after: { days: 2 } }, [1, 1, 2, 2]],
  ])('%s', async (_, reentry, expected) => {
    await start([flow(viewed, [send()], reentry === undefined ? {} : { reentry })]);
    const seen: number[] = [];
    for (const day of [0, 1, 2, 3]) {
      await track([event(world, `m${day}`)]);
      seen.push(sent().length);
      await pass(24 * HOUR_MS);
    }
    expect(seen).toEqual(expected);
  });

  it('is never let in again by a newer version', async () => {
    await start([flow(viewed, [send()], { reentry: 'never' })]);
    await track([event(world, 'm1')]);
    world.rebuild((parts) => { parts.flows = parts.flows.map((definition) => ({ ...definition, version: 2 })); });
    await track([event(world, 'm2')]);
    expect(sent()).toHaveLength(1);
  });

  it('must meet the condition of the trigger', async () => {
    await start([flow({ ...viewed, condition: { trait: 'city', op: 'eq', value: 'Lima' } }, [send()])]);
    await track([event(world, 'm1')]);
    await track([identify(world, 'm2', 'u1', { address: { city: 'Lima' }, city: 'Lima' }), event(world, 'm3')]);
    expect(sent()).toHaveLength(1);
  });

  it('comes by a decision, each once', async () => {
    await start([flow({ type: 'consent', purpose: 'marketing', on: 'granted' }, [send()]), flow({ type: 'consent', purpose: 'marketing', on: 'refused' }, [{ id: 'note', type: 'setField', field: 'city', value: 'Lima' }], { flowId: 'g' })]);
    await world.settle();
    expect(sent()).toHaveLength(1);
    await decide(world, 'withdrawn');
    expect(await counts('note')).toEqual({ entered: 1, set: 1 });
    expect(sent()).toHaveLength(1);
  });
});

describe('caps and quiet hours', () => {
  const mail = (flowId: string): FlowDefinition => flow(viewed, [send('mail', { channel: 'email' })], { flowId });

  it('are counted over flows, whichever of several processes decides', async () => {
    await start([mail('a'), mail('b'), mail('c')], { flowSettings: { timeZone: 'UTC', quietHours: [], caps: [{ channel: '*', limit: 2, per: { days: 1 } }] } });
    await track([event(world, 'm1')]);
    expect([sent().length, await waiting()]).toEqual([2, 1]);
    await pass(24 * HOUR_MS - 1);
    expect(sent()).toHaveLength(2);
    await pass(1);
    expect([sent().length, await waiting(), new Set(sent()).size]).toEqual([3, 0, 3]);
    await Promise.all([1, 2, 3].map((number) => world.track([event(world, `n${number}`)], { isVerified: true })));
    await Promise.all([world.apply.drain(), world.apply.drain(), world.sweep.tick()]);
    await world.settle();
    expect(sent()).toHaveLength(4);
    expect(await world.store.collections.contacts.countDocuments({})).toBe(4);
  });

  it.each([true, false])('count what is sent, and not what consent or the destination stops (decided by apply: %s)', async (isJoined) => {
    world = await createWorld((parts) => Object.assign(parts, { flows: [mail('a')], flowSettings: { timeZone: 'UTC', quietHours: [], caps: [{ channel: '*', limit: 1, per: { days: 1 } }] } }), { isJoined });
    const counted = () => world.store.collections.contacts.countDocuments({});
    const ended = (state: 'blocked' | 'dead' | 'delivered') => until(async () => { await world.settle(); return world.store.collections.deliveries.countDocuments({ state }); }, (count) => count === 1, 60_000);
    await track([event(world, 'm1')]);
    expect([await ended('blocked'), sent(), await counted(), await waiting()]).toEqual([1, [], 0, 0]);
    await decide(world, 'granted');
    world.script.next = () => new InvalidPayload('no');
    await track([event(world, 'm2')]);
    expect([await ended('dead'), sent().length, await counted(), await waiting()]).toEqual([1, 1, 0, 0]);
    world.script.next = () => undefined;
    await world.store.collections.deliveries.updateMany({ state: 'dead' }, { $set: { state: 'pending', reason: null, dueAt: world.clock.now, retryFrom: world.clock.now }, $inc: { attempt: 1 } });
    expect([await ended('delivered'), sent().length, await counted()]).toEqual([1, 2, 1]);
    await track([event(world, 'm3')]);
    expect([await until(waiting, (count) => count === 1, 60_000), sent().length]).toEqual([1, 2]);
  });

  it('put off until the morning where the person is', async () => {
    await start([mail('a')], { flowSettings: { timeZone: 'Asia/Tokyo', quietHours: [{ channel: 'email', from: '20:00', to: '08:00' }], caps: [] } });
    // Noon here is nine in the evening in Tokyo.
    await track([event(world, 'm1')]);
    await pass(11 * HOUR_MS - 1);
    expect(sent()).toEqual([]);
    await pass(1);
    expect([sent().length, await counts('mail')]).toEqual([1, { entered: 1, deliver: 1 }]);
  });
});

describe('setting a field', () => {
  it('lets the next steps and, at the next sweep, segments see it', async () => {
    await start([flow(viewed, [{ id: 'set', type: 'setField', field: 'membershipLevel', value: '{{event.properties.category}}' }, { id: 'gold', type: 'filter', condition: { trait: 'membershipLevel', op: 'eq', value: 'gold' } }, send()])], {
      segments: [{ segmentId: 'gold', version: 1, name: 'Gold', purpose: 'marketing', condition: { trait: 'membershipLevel', op: 'eq', value: 'gold' } }],
    });
    await track([event(world, 'm1', { properties: { category: 'gold' } })]);
    expect(sent()).toHaveLength(1);
    expect((await world.store.collections.profiles.findOne({}))?.memberships.gold).toMatchObject({ isMember: true });
    expect((await world.store.collections.changes.find({}).sort({ version: 1 }).toArray()).map(({ changedFields }) => changedFields)).toContainEqual(['membershipLevel']);
  });

  it('leaves a field to the source that owns it', async () => {
    await start([flow(viewed, [{ id: 'set', type: 'setField', field: 'city', value: 'Lima' }])]);
    world.configuration.current = { ...world.configuration.current, ownerRank: (_field, source) => (source === 'web' ? 0 : 1) };
    await track([identify(world, 'm0', 'u1', { address: { city: 'Cusco' } })]);
    const before = (await world.store.collections.profiles.findOne({}))?.fields;
    await track([event(world, 'm1')]);
    const after = (await world.store.collections.profiles.findOne({}))?.fields;
    expect(Object.values(before ?? {}).map(({ value }) => value)).toContain('Cusco');
    expect(after).toEqual(before);
  });
});

it('reads nothing of runs for an event that no flow waits for', async () => {
  await start([flow(viewed, [{ id: 'wait', type: 'waitUntil', event: { name: 'Order Completed' }, timeout: { hours: 1 } }, send()])]);
  const { transaction } = world.store.store;
  const asked: string[] = [];
  world.store.store.transaction = ((work: Parameters<typeof transaction>[0]) => transaction((tx) => work(new Proxy(tx, {
    get(target, name: keyof typeof tx) {
      if (/^find(Waiting|Flow|Contacts)/.test(name)) asked.push(name);
      return target[name];
    },
  })))) as typeof transaction;
  await track([event(world, 'm1'), event(world, 'm2', { event: 'Cart Viewed' })]);
  expect(asked).toEqual([]);
  await track([event(world, 'm3', { event: 'Order Completed' })]);
  expect(asked).toEqual(['findWaitingRuns']);
  // Of somebody for whom nothing waits nothing is read, whatever flows wait for.
  await track([{ ...(event(world, 'm4', { event: 'Order Completed' }) as object), userId: 'u2' }]);
  expect(asked).toEqual(['findWaitingRuns']);
  expect((await world.store.collections.profiles.find({}).toArray()).map(({ hasWaitingRuns = false }) => hasWaitingRuns)).toEqual([false, false]);
});

it('adds up the counts of steps once their hour is over, to the last one, wherever it breaks off', async () => {
  await start([flow(viewed, [send()])]);
  for (let number = 0; number < 6; number += 1) {
    await track([event(world, `m${number}`)]);
    world.clock.now += HOUR_MS / 3;
  }
  const { stepCounts } = world.store.collections;
  expect(await stepCounts.countDocuments({})).toBe(6);
  const { store } = world.store;
  const breaking: Pick<Store, 'transaction'> = { transaction: (work) => store.transaction(async (tx) => { await work(tx); throw new TypeError('killed'); }) };
  await expect(createStepCountCompaction({ store: breaking, clock: () => world.clock.now }).tick([WORKSPACE])).rejects.toThrow('killed');
  expect(await stepCounts.countDocuments({})).toBe(6);
  await Promise.all([1, 2].map(() => createStepCountCompaction({ store, clock: () => world.clock.now }).tick([WORKSPACE])));
  expect([await stepCounts.countDocuments({}), await stepCounts.countDocuments({ isOpen: true }), await counts('send')]).toEqual([2, 0, { entered: 6, deliver: 6 }]);
  await track([event(world, 'late')]);
  world.clock.now += HOUR_MS;
  await createStepCountCompaction({ store, clock: () => world.clock.now }).tick([WORKSPACE]);
  expect([await stepCounts.countDocuments({}), await counts('send')]).toEqual([3, { entered: 7, deliver: 7 }]);
});
