import { RetryableError } from '@firsthand/plugin-sdk';
import { recordConsents } from '@firsthand/pipeline';
import { countWaiting } from '../support/count-waiting.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const PEOPLE = 40;
const event = (index: number) => ({
  type: 'track', event: 'Product Viewed', messageId: `m${index}`, userId: `u${index % PEOPLE}`, timestamp: new Date(world.clock.now + index).toISOString(), properties: { index },
});

async function everybodyConsents(): Promise<void> {
  const { clock, configuration, store } = world;
  const options = { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID() };
  for (let person = 0; person < PEOPLE; person += 1) {
    await recordConsents({
      workspaceId: WORKSPACE, identity: { namespace: 'userId', value: `u${person}` }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }],
      agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
    }, options);
  }
}

const indexOf = (payload: unknown): number => (payload as { event: { properties: { index: number } } }).event.properties.index;

/** Until nothing waits in memory or in the store; each look is answered by what the looks before it have set off. */
async function untilQuiet(): Promise<void> {
  const { inbox } = world.store.collections;
  for (let look = 0; look < 2_000; look += 1) {
    await world.settle();
    if ((await inbox.countDocuments({})) + (await countWaiting(world.store)) === 0) return;
    world.clock.now += 2_000;
  }
  throw new Error(`${await inbox.countDocuments({})} documents and ${await countWaiting(world.store)} deliveries are left`);
}

describe('stages in one process', () => {
  it('decide a delivery in the transaction that makes it, with its evidence ahead, and send it without a round of its own', async () => {
    world = await createWorld(undefined, { isJoined: true });
    await everybodyConsents();
    const { collections, store } = world.store;
    store.inbox.claim = () => Promise.reject(new RangeError('Nobody looks into the inbox.'));
    await world.track([event(1)], { isVerified: true });
    await world.apply.stop();
    await world.deliver.stop();
    expect(world.received).toHaveLength(1);
    const blocks = await collections.evidence.find({}).sort({ seq: 1 }).toArray();
    expect(blocks.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await collections.deliveries.findOne({})).toMatchObject({ state: 'delivered', attempt: 0 });
    expect(await collections.inbox.countDocuments({})).toBe(0);
  });

  it('end a delivery that is not allowed without a send, as blocked from the start', async () => {
    world = await createWorld(undefined, { isJoined: true });
    await world.track([event(1)], { isVerified: true });
    await untilQuiet();
    expect(world.received).toEqual([]);
    expect(await world.store.collections.deliveries.findOne({})).toMatchObject({ state: 'blocked' });
  });

  it('send everything once and each person\'s in order, whatever comes at once, fails or waits', async () => {
    world = await createWorld((parts) => { parts.destination = { concurrency: 3 }; }, { isJoined: true });
    await everybodyConsents();
    let sends = 0;
    // Every seventh send fails once.
    const failed = new Set<string>();
    world.script.next = ({ idempotencyKey }) => {
      sends += 1;
      if (sends % 7 !== 0 || failed.has(idempotencyKey)) return undefined;
      failed.add(idempotencyKey);
      return new RetryableError('Later.');
    };
    const count = 700;
    const requests: Promise<unknown>[] = [];
    for (let index = 0; index < count; ) {
      const size = 1 + ((index * 7919) % 60);
      requests.push(world.track(Array.from({ length: Math.min(size, count - index) }, (_, offset) => event(index + offset)), { isVerified: true }));
      index += size;
      if (requests.length % 5 === 0) await Promise.all(requests);
    }
    await Promise.all(requests);
    await untilQuiet();
    const delivered = world.received.filter(({ idempotencyKey }, place) => !world.received.slice(place + 1).some((later) => later.idempotencyKey === idempotencyKey));
    expect(delivered).toHaveLength(count);
    expect(failed.size).toBeGreaterThan(50);
    for (let person = 0; person < PEOPLE; person += 1) {
      const order = delivered.map(({ payload }) => indexOf(payload)).filter((index) => index % PEOPLE === person);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    const outcomes = await world.store.collections.deliveries.distinct('state');
    expect(outcomes).toEqual(['delivered']);
    expect(await world.store.store.acquireLane({ workspaceId: WORKSPACE, connectionId: SINK }, 'another', world.clock.now + 1, world.clock.now)).not.toBeNull();
  });

  it('leave the rest to whoever comes, when their process ends', async () => {
    world = await createWorld(undefined, { isJoined: true });
    await everybodyConsents();
    world.apply.intake.close();
    await world.track(Array.from({ length: 20 }, (_, index) => event(index)), { isVerified: true });
    await untilQuiet();
    expect(world.received).toHaveLength(20);
  });
});
