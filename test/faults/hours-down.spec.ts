import type { JsonValue } from '@firsthand/domain';
import { readBlock, recordConsents } from '@firsthand/pipeline';
import { RetryableError } from '@firsthand/plugin-sdk';
import { createWorld, WORKSPACE, type World } from '../support/pipeline-world.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PEOPLE = ['ana', 'ben', 'cleo'];

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.track(PEOPLE.map((userId) => message(userId, 'first')), { isVerified: true });
  for (const value of PEOPLE) await grant(value);
  await world.apply.drain();
  world.script.next = () => new RetryableError('The vendor is down.');
});
afterEach(() => world.close());

function message(userId: string, messageId: string): JsonValue {
  return { type: 'track', event: 'Product Viewed', messageId: `${userId}-${messageId}`, userId, timestamp: new Date(world.clock.now).toISOString(), properties: {} };
}

function grant(value: string): Promise<unknown> {
  return recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }],
    agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID() });
}

/** Lets so much time pass, ten minutes at a step. */
async function pass(ms: number, eachStep: (step: number) => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  for (let step = 0; step < ms / (10 * MINUTE_MS); step += 1) {
    await eachStep(step);
    await world.settle();
    world.clock.now += 10 * MINUTE_MS;
  }
}

/** Every person says something each twenty minutes. */
const goOn = (step: number): Promise<unknown> => (step % 2 === 0 ? world.track(PEOPLE.map((userId) => message(userId, `${step}`)), { isVerified: true }) : Promise.resolve());

const messageIdOf = ({ payload }: World['received'][number]): string => (payload.event as { messageId: string }).messageId;

it('a destination that is down for six hours gets everything once it is up, each person\'s in order, under the keys that were tried', async () => {
  await pass(6 * HOUR_MS, goOn);
  const tried = [...world.received];
  expect(tried.length).toBeGreaterThan(PEOPLE.length);
  world.script.next = () => undefined;
  // The pause between two tries grows to an hour at most.
  await pass(HOUR_MS + 10 * MINUTE_MS);
  const delivered = world.received.slice(tried.length);
  const rows = await world.store.collections.deliveries.find({}).sort({ profileId: 1, seq: 1 }).toArray();
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['delivered']));
  expect(delivered.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual(rows.map(({ _id }) => _id.slice(`${WORKSPACE}|`.length)).sort());
  for (const person of PEOPLE) {
    const own = delivered.map(messageIdOf).filter((id) => id.startsWith(person));
    expect(own).toEqual([`${person}-first`, ...Array.from({ length: 18 }, (_, index) => `${person}-${index * 2}`)]);
    // While it was down nothing got ahead of the first.
    expect(new Set(tried.map(messageIdOf).filter((id) => id.startsWith(person)))).toEqual(new Set([`${person}-first`]));
  }
  const blocks = await world.store.collections.evidence.find({}).toArray();
  expect(blocks.flatMap((block) => readBlock(block).evidence).filter(({ isAllowed }) => isAllowed)).toHaveLength(world.received.length);
});

it('a consent that is withdrawn while it is down is heeded when it is up', async () => {
  await pass(2 * HOUR_MS);
  await recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'ana' }, decisions: [{ purpose: 'marketing', decision: 'denied' }],
    agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID() });
  const tried = world.received.length;
  world.script.next = () => undefined;
  await pass(HOUR_MS + 10 * MINUTE_MS);
  expect(world.received.slice(tried).filter(({ operation }) => operation === 'send').map(messageIdOf).sort()).toEqual(['ben-first', 'cleo-first']);
});
