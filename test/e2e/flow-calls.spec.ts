import fc from 'fast-check';
import type { FlowDefinition, FlowStep, JsonValue } from '@firsthand/domain';
import { InvalidPayload, RetryableError } from '@firsthand/plugin-sdk';
import { decide, event, ledgerTotals } from '../support/pipeline-story.js';
import { until } from '../support/until.js';
import { untilStill } from '../support/until-still.js';
import { createWorld, SINK, type World } from '../support/pipeline-world.js';

const HOUR_MS = 3_600_000;
const risk: FlowStep = { id: 'risk', type: 'call', connectionId: SINK, action: 'send-event', mapping: { email: '{{identities.userId}}' } };
const flow = (steps: FlowStep[], more: Partial<FlowDefinition> = {}): FlowDefinition => (
  { flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, steps, ...more });
const asking = flow([
  risk, { id: 'low', type: 'filter', condition: { answer: 'risk', path: 'score', op: 'lt', value: 50 } },
  { id: 'tell', type: 'deliver', connectionId: SINK, action: 'send-event', mapping: { email: '{{answers.risk.code}}' } },
]);

let world: World;
let number = 0;
let user = '';
beforeAll(async () => { world = await createWorld((parts) => { parts.flows = [asking]; parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, fields: [...purpose.fields, 'answers.*'] })); }, { isJoined: true }); });
afterAll(() => world.close());
beforeEach(async () => {
  number += 1;
  user = `u${number}`;
  world.received.length = 0;
  world.script.next = () => undefined;
  world.script.answer = () => ({ score: 7, code: 'A1' });
  world.rebuild((parts) => { parts.flows = [asking]; parts.destination = {}; });
  await Promise.all(['runs', 'stepCounts', 'deliveries'].map((name) => world.store.collections[name as 'runs'].deleteMany({})));
});

/** A view by somebody who has agreed, until nothing is due any more. */
async function view(isAgreed = true): Promise<void> {
  if (isAgreed) await decide(world, 'granted', user);
  await world.track([{ ...(event(world, `m${number}`) as object), userId: user } as JsonValue], { isVerified: true });
  await untilStill(world);
}
const told = () => world.received.map(({ operation, payload }) => [operation, payload.email]);
const run = async () => (await world.store.collections.runs.find({}).toArray())[0];
const counts = async (): Promise<string[]> => (await world.store.collections.stepCounts.find({}).toArray()).flatMap((row) => row.counts.map(({ stepId, outcome, count }) => `${stepId} ${outcome} ${count}`)).sort();
const states = async () => (await world.store.collections.deliveries.find({}).sort({ seq: 1 }).toArray()).map(({ operation, state, reason }) => [operation, state, reason]);

it('asks with evidence ahead, and goes on with the answer: by a condition, and in what it sends', async () => {
  await view();
  expect(told()).toEqual([['ask', user], ['send', 'A1']]);
  expect(await states()).toEqual([['ask', 'delivered', null], ['send', 'delivered', null]]);
  expect(await run()).toMatchObject({ wait: null, answers: '{"risk":{"score":7,"code":"A1"}}', end: { as: 'ended', reason: 'deliver' } });
  expect(await counts()).toEqual(['low condition-holds 1', 'low entered 1', 'risk answered 1', 'risk entered 1', 'tell deliver 1', 'tell entered 1']);
  const evidence = (await world.store.collections.evidence.find({}).sort({ seq: 1 }).toArray()).map(({ content }) => JSON.parse(content) as { evidence: { fields: string[] }[] });
  expect(evidence.flatMap((block) => block.evidence.map(({ fields }) => fields))).toEqual([['identities.userId'], ['answers.risk.code']]);
});

it('goes another way by another answer', async () => {
  world.script.answer = () => ({ score: 70 });
  await view();
  expect([told(), (await run())?.end]).toEqual([[['ask', user]], expect.objectContaining({ as: 'stopped', stepId: 'low', reason: 'condition-does-not-hold' })]);
});

it('hands on nothing of an answer that the purpose does not cover', async () => {
  world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, fields: purpose.fields.filter((field) => field !== 'answers.*') })); });
  await view();
  world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, fields: [...purpose.fields, 'answers.*'] })); });
  expect(told()).toEqual([['ask', user], ['send', undefined]]);
});

it.each<[string, () => void, string, boolean]>([
  ['without a consent', () => undefined, 'blocked.no-consent', false],
  ['of a third party', () => world.rebuild((parts) => { parts.destination = { recipient: 'third-party' }; }), 'blocked.answer-from-third-party', true],
  ['that is refused', () => { world.script.next = () => new InvalidPayload('no'); }, 'dead.invalid-payload', true],
  ['that is answered by no object', () => { world.script.answer = () => ['ana@example.com']; }, 'dead.invalid-answer', true],
  ['that is answered with too much', () => { world.script.answer = () => ({ text: 'x'.repeat(20_000) }); }, 'dead.invalid-answer', true],
])('ends the run at a call %s, with the reason; or goes on where the step says so', async (_, arrange, reason, isAgreed) => {
  arrange();
  await view(isAgreed);
  expect(await run()).toMatchObject({ end: { as: 'stopped', stepId: 'risk', reason } });
  expect(told().filter(([operation]) => operation === 'send')).toEqual([]);
  world.rebuild((parts) => { parts.flows = [flow([{ ...risk, onFailure: 'continue' } as FlowStep, { id: 'note', type: 'setField', field: 'city', value: 'Lima' }])]; });
  number += 1;
  user = `u${number}`;
  await view(isAgreed);
  expect((await world.store.collections.runs.find({}).toArray()).map(({ end }) => end?.reason).sort()).toEqual([reason, 'set'].sort());
});

it('asks again where the first try fails, and not any more when nobody waits for it', async () => {
  world.script.next = () => new RetryableError('later');
  await view();
  expect([told().length, (await run())?.end]).toEqual([1, null]);
  world.script.next = () => undefined;
  world.clock.now += 20 * 60_000;
  await untilStill(world);
  expect(told()).toEqual([['ask', user], ['ask', user], ['send', 'A1']]);
  expect(new Set(world.received.slice(0, 2).map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);

  number += 1;
  user = `u${number}`;
  world.rebuild((parts) => { parts.destination = { status: 'paused' }; });
  await view();
  world.clock.now += HOUR_MS;
  await untilStill(world);
  expect(await world.store.collections.runs.countDocuments({ 'end.reason': 'call-timed-out' })).toBe(1);
  world.rebuild((parts) => { parts.destination = {}; });
  await untilStill(world);
  expect([told().length, (await states()).filter(([, state]) => state !== 'delivered')]).toEqual([3, [['ask', 'cancelled', 'call-not-awaited']]]);
});

it('is answered once, wherever a transaction breaks off', async () => {
  const real = world.store.store.transaction;
  // What breaks off is postponed, by an hour at most each time: an answer is awaited for longer than that can take.
  world.rebuild((parts) => { parts.flows = [{ ...asking, steps: [{ ...risk, timeout: { days: 1 } } as FlowStep, ...asking.steps.slice(1)] }]; });
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 1, maxLength: 4 }), async (drawn) => {
    const calls = [...drawn];
    number += 1;
    user = `u${number}`;
    world.received.length = 0;
    await Promise.all(['runs', 'stepCounts', 'deliveries'].map((name) => world.store.collections[name as 'runs'].deleteMany({})));
    await decide(world, 'granted', user);
    await world.track([{ ...(event(world, `m${number}`) as object), userId: user } as JsonValue], { isVerified: true });
    await until(() => world.store.collections.runs.countDocuments({}), (count) => count === 1, 60_000);
    world.store.store.transaction = ((work: Parameters<typeof real>[0]) => {
      let left = calls.shift() ?? Infinity;
      return real((tx) => work(new Proxy(tx, { get: (target, name: keyof typeof tx) => (...args: unknown[]) => {
        left -= 1;
        return left < 0 ? Promise.reject(new TypeError('killed')) : (target[name] as (...given: unknown[]) => Promise<unknown>)(...args);
      } })));
    }) as typeof real;
    for (let times = 0; times < 6; times += 1) {
      await world.settle().catch(() => undefined);
      await world.deliver.drainLane({ workspaceId: 'ws1', connectionId: SINK }).catch(() => undefined);
      world.clock.now += 30 * 60_000;
    }
    world.store.store.transaction = real;
    await untilStill(world);
    // What breaks off behind a request is requested again, under the key that the receiver knows.
    const keysOf = (wanted: string): number => new Set(world.received.filter(({ operation }) => operation === wanted).map(({ idempotencyKey }) => idempotencyKey)).size;
    expect([keysOf('ask'), keysOf('send')]).toEqual([1, 1]);
    expect(await counts()).toEqual(['low condition-holds 1', 'low entered 1', 'risk answered 1', 'risk entered 1', 'tell deliver 1', 'tell entered 1']);
  }), { numRuns: 6, examples: [[[3, 6, 15, 3]]] }).finally(() => { world.store.store.transaction = real; });
  const { deliveries, delivered, ...rest } = await ledgerTotals(world);
  expect(deliveries).toBe(Object.entries(rest).reduce((sum, [key, count]) => (/^(blocked|dead|cancelled)\./.test(key) ? sum + count : sum), delivered ?? 0));
});
