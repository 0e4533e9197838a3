import { DEFAULT_FLOW_SETTINGS, type FlowDefinition, type FlowStep, type FlowTrigger, type JsonValue } from '@firsthand/domain';
import { RetryableError } from '@firsthand/plugin-sdk';
import { decide, erase, eraserOf, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, type World, type WorldParts } from '../support/pipeline-world.js';

/** A flow that is paused starts nobody and sends nothing; who waits in it goes on when it is resumed, each once. */
let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const viewed: FlowTrigger = { type: 'event', name: 'Product Viewed' };
const send = (more: Partial<Extract<FlowStep, { type: 'deliver' }>> = {}): FlowStep => ({ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event', ...more });
const delay: FlowStep = { id: 'later', type: 'delay', span: { hours: 1 } };
const flow = (steps: FlowStep[], more: Partial<FlowDefinition> = {}): FlowDefinition => ({ flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger: viewed, acceptsHistorical: false, steps, ...more });

async function start(flows: FlowDefinition[], more: Partial<WorldParts> = {}): Promise<void> {
  world = await createWorld((parts) => Object.assign(parts, { flows, ...more }));
  await decide(world, 'granted');
}
async function track(...messages: JsonValue[]): Promise<void> {
  await world.track(messages, { isVerified: true });
  await world.settle();
}
async function pass(ms: number): Promise<void> {
  world.clock.now += ms;
  await world.settle();
}
const pause = (...flowIds: string[]): void => world.rebuild((parts) => { parts.pausedFlows = flowIds; });
/** The sweep that lets go, and the one that finds what is due by then. */
async function resume(): Promise<void> {
  pause();
  await world.settle();
  await pass(1);
}
const order = (messageId: string, properties: Record<string, JsonValue> = {}): JsonValue => event(world, messageId, { event: 'Order Completed', properties, timestamp: new Date(world.clock.now + 1).toISOString() });
const sent = (): string[] => world.received.map(({ operation }) => operation);
const waiting = () => world.store.collections.runs.countDocuments({ dueAt: { $gt: 0 } });
const ends = async () => (await world.store.collections.runs.find({ dueAt: null }).toArray()).map(({ end }) => end?.reason).sort();
const pending = () => world.store.collections.deliveries.find({ state: 'pending' }).map(({ reason }) => reason).toArray();

describe('runs that wait', () => {
  it('stay where they are, of every version, and go on when the flow is resumed, each once; nobody comes in meanwhile', async () => {
    await start([flow([delay, send()]), flow([delay, send()], { version: 2, trigger: { type: 'event', name: 'Cart Viewed' } }), flow([delay, send()], { flowId: 'g' })]);
    await track(event(world, 'm1'), event(world, 'm2', { event: 'Cart Viewed' }));
    expect(await waiting()).toBe(3);
    pause('f');
    await track(event(world, 'm3'));
    expect(await waiting()).toBe(4);
    await pass(2 * HOUR_MS);
    // Those of the other flow.
    expect([sent().length, await waiting()]).toEqual([2, 2]);
    await pass(48 * HOUR_MS);
    expect([sent().length, await waiting(), await world.store.store.findDueRuns(world.clock.now, 9)]).toEqual([2, 2, []]);
    pause();
    await Promise.all([world.sweep.tick(), world.sweep.tick()]);
    await Promise.all([world.sweep.tick(), world.sweep.tick()]);
    await pass(1);
    expect([sent().length, await waiting(), new Set(world.received.map(({ idempotencyKey }) => idempotencyKey)).size]).toEqual([4, 0, 4]);
  });

  it('go the way of an event that came meanwhile, of their key alone, also after their timeout', async () => {
    const steps: FlowStep[] = [{ id: 'wait', type: 'waitUntil', event: { name: 'Order Completed', sameKey: true }, timeout: { hours: 1 }, next: 'bought', onTimeout: 'send' }, { id: 'bought', type: 'goal', name: 'bought' }, send()];
    await start([flow(steps, { key: '{{event.properties.cartId}}' })]);
    await track(event(world, 'm1', { properties: { cartId: 'c1' } }), event(world, 'm2', { properties: { cartId: 'c2' } }));
    pause('f');
    await track(order('m3', { cartId: 'c1' }));
    expect([await waiting(), sent()]).toEqual([2, []]);
    await pass(3 * HOUR_MS);
    await resume();
    expect([await waiting(), sent(), await ends()]).toEqual([0, ['send'], ['deliver', 'goal']]);
  });

  it('know what came meanwhile also where the next event wakes them before the sweep does', async () => {
    const steps: FlowStep[] = [{ id: 'wait', type: 'waitUntil', event: { name: 'Order Completed', where: [{ path: 'properties.cartId', op: 'eq', value: 'L' }] }, timeout: { days: 9 }, next: 'send' }, send()];
    await start([flow(steps)]);
    await track(event(world, 'm1'));
    pause('f');
    await track(order('m2', { cartId: 'L' }));
    pause();
    world.clock.now += 10;
    await world.track([order('m3', { cartId: 'S' })], { isVerified: true });
    await world.apply.drain();
    await pass(1);
    await pass(1);
    expect([await waiting(), sent()]).toEqual([0, ['send']]);
  });

  it('meet their goal and what conditions say then; what has held for a while only is over', async () => {
    const await2 = (value: string): FlowStep => ({ id: 'wait', type: 'waitUntil', condition: { trait: 'city', op: 'eq', value }, timeout: { days: 9 } });
    await start([
      flow([await2('Lima'), send()]), flow([await2('Rome'), send()], { flowId: 'g' }), flow([{ ...delay, span: { days: 9 } } as FlowStep, send()], { flowId: 'h', goal: { name: 'bought', event: { name: 'Order Completed' } } }),
    ]);
    await track(event(world, 'm1'));
    pause('f', 'g', 'h');
    await track({ type: 'identify', userId: 'u1', messageId: 'i1', timestamp: new Date(world.clock.now).toISOString(), traits: { city: 'Rome' } });
    await track({ type: 'identify', userId: 'u1', messageId: 'i2', timestamp: new Date(world.clock.now + 1).toISOString(), traits: { city: 'Lima' } }, order('m2'));
    await pass(HOUR_MS);
    expect([sent(), await waiting()]).toEqual([[], 3]);
    await resume();
    expect([sent(), await waiting(), await ends()]).toEqual([['send'], 1, ['deliver', 'goal-reached']]);
  });

  it('ask at the resume what hour it is, and give a call that was not asked its time anew', async () => {
    const quietHours = [{ channel: 'email', from: '21:00', to: '09:00' }];
    const call: FlowStep = { id: 'ask', type: 'call', connectionId: SINK, action: 'send-event', timeout: { hours: 1 } };
    await start([flow([delay, send({ channel: 'email' })]), flow([call, send()], { flowId: 'g' })], { flowSettings: { ...DEFAULT_FLOW_SETTINGS, timeZone: 'UTC', quietHours } });
    world.script.next = ({ idempotencyKey }) => (idempotencyKey === '' ? undefined : new RetryableError('asks to wait', { retryAfterMs: 60_000 }));
    await track(event(world, 'm1'));
    pause('f', 'g');
    world.script.next = () => undefined;
    world.received.length = 0;
    await pass(10 * HOUR_MS);
    expect([sent(), await waiting(), await pending()]).toEqual([[], 2, ['flow-paused']]);
    await resume();
    expect([sent(), await waiting()]).toEqual([['ask', 'send'], 1]);
    await pass(12 * HOUR_MS);
    expect([sent(), await waiting()]).toEqual([['ask', 'send', 'send'], 0]);
  });
});

it('what waits goes on as its own version says, whatever was published meanwhile', async () => {
  const say = (text: string): FlowStep => send({ mapping: { email: text } });
  const call: FlowStep = { id: 'ask', type: 'call', connectionId: SINK, action: 'send-event', timeout: { hours: 1 }, mapping: { email: 'one' } };
  const ones = [flow([delay, say('one')]), flow([say('one')], { flowId: 'g' }), flow([call, say('one')], { flowId: 'h' })];
  await start(ones);
  world.script.next = () => new RetryableError('asks to wait', { retryAfterMs: 60_000 });
  await track(event(world, 'm1'));
  world.script.next = () => undefined;
  world.received.length = 0;
  pause('f', 'g', 'h');
  world.rebuild((parts) => { parts.flows = [...ones, ...ones.map((one) => ({ ...one, version: 2, steps: one.steps.map((step) => (step.type === 'deliver' || step.type === 'call' ? { ...step, mapping: { email: 'two' } } : step)) }))]; });
  await pass(2 * HOUR_MS);
  expect(sent()).toEqual([]);
  await resume();
  await pass(HOUR_MS);
  expect(world.received.map(({ operation, payload }) => [operation, payload.email]).sort()).toEqual([['ask', 'one'], ['send', 'one'], ['send', 'one'], ['send', 'one']]);
});

describe('deliveries of a flow that is paused', () => {
  it('wait, in their order, hold up nothing of other flows, and go when it is resumed; consent is asked then', async () => {
    await start([flow([send()]), flow([send()], { flowId: 'g', trigger: { type: 'event', name: 'Cart Viewed' } })]);
    world.script.next = () => new RetryableError('asks to wait', { retryAfterMs: 60_000 });
    await track(event(world, 'm1'));
    await track(event(world, 'm2'));
    world.script.next = () => undefined;
    world.received.length = 0;
    pause('f');
    await pass(HOUR_MS);
    await track(event(world, 'm3', { event: 'Cart Viewed' }));
    expect([world.received.map(({ payload }) => (payload.event as { messageId: string }).messageId), await pending()]).toEqual([['m3'], ['flow-paused', 'flow-paused']]);
    // Nothing of the 72 hours in which they are tried.
    await pass(100 * HOUR_MS);
    world.script.next = () => (world.received.length === 2 ? new RetryableError('asks to wait') : undefined);
    await resume();
    await pass(HOUR_MS);
    expect([world.received.map(({ payload }) => (payload.event as { messageId: string }).messageId), await pending()]).toEqual([['m3', 'm1', 'm1', 'm2'], []]);
  });

  it('end with the erasure of whom they are about, those that were to take them out as well', async () => {
    const step = send({ action: 'audience', mapping: { email: '{{profile.email}}' } });
    await start([flow([step]), flow([{ ...step, sync: 'delete' } as FlowStep], { flowId: 'g', trigger: { type: 'event', name: 'Cart Viewed' } })]);
    await track(identify(world, 'i', 'u1', { email: 'ana@example.com' }), event(world, 'm1'));
    world.script.next = () => new RetryableError('asks to wait', { retryAfterMs: 60_000 });
    await track(event(world, 'm2', { event: 'Cart Viewed' }));
    world.script.next = () => undefined;
    pause('g');
    await pass(HOUR_MS);
    expect([sent(), await pending()]).toEqual([['addMembers', 'removeMembers'], ['flow-paused']]);
    await erase(world, { namespace: 'userId', value: 'u1' });
    const eraser = eraserOf(world);
    for (let turn = 0; turn < 5; turn += 1) {
      await eraser.tick();
      await pass(60_000);
    }
    expect([sent().at(-1), await pending()]).toEqual(['removeMembers', []]);
    expect(await world.store.collections.erasures.findOne({})).toMatchObject({ finishedAt: expect.any(Number) as unknown, profileIds: [], dueAt: null });
  });

  it('are blocked by a refusal meanwhile, which is told to those who have data', async () => {
    await start([flow([send()])]);
    await track(identify(world, 'i1', 'u1', { email: 'ana@example.com' }), event(world, 'm1'));
    world.script.next = () => new RetryableError('asks to wait', { retryAfterMs: 60_000 });
    await track(event(world, 'm2'));
    world.script.next = () => undefined;
    world.received.length = 0;
    pause('f');
    await decide(world, 'withdrawn');
    await pass(HOUR_MS);
    expect(sent()).toEqual(['removeMembers']);
    await resume();
    expect([sent(), await pending(), await world.store.collections.deliveries.countDocuments({ state: 'blocked' })]).toEqual([['removeMembers'], [], 1]);
  });
});
