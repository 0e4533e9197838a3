import type { JsonValue } from '@firsthand/domain';
import { RetryableError } from '@firsthand/plugin-sdk';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, type World } from '../support/pipeline-world.js';

/** Deliveries of two who have become one go out in the order of the one that they are. */
let world: World;
beforeEach(async () => { world = await createWorld(); });
afterEach(() => world.close());

const MINUTE_MS = 60_000;
async function track(...messages: JsonValue[]): Promise<void> {
  world.clock.now += 1_000;
  await world.track(messages, { isVerified: true });
  await world.settle();
}
const arrived = (): unknown[] => world.received.map(({ operation, payload }) => (operation === 'send' ? (payload.event as { messageId?: string } | undefined)?.messageId : operation));

/** Ann, whose profile is the elder, and Bo, of whom a delivery waits for another try when he turns out to be Ann. */
async function merge(): Promise<void> {
  for (const userId of ['ann', 'bo']) {
    world.clock.now += 1_000;
    await decide(world, 'granted', userId);
    await track(identify(world, `i-${userId}`, userId, { email: `${userId}@example.com` }), event(world, `first-${userId}`, { userId }));
  }
  world.script.next = ({ payload }) => (JSON.stringify(payload).includes('"waits"') ? new RetryableError('asks to wait', { retryAfterMs: 10 * MINUTE_MS }) : undefined);
  await track(event(world, 'waits', { userId: 'bo' }));
  await track({ type: 'alias', messageId: 'a', userId: 'ann', previousId: 'bo', timestamp: new Date(world.clock.now).toISOString() });
  expect(await world.store.collections.aliases.countDocuments()).toBe(1);
  world.script.next = () => undefined;
  world.received.length = 0;
}

it('wait behind one that waits for another try under the id that was merged away, and nobody else’s do', async () => {
  await merge();
  await decide(world, 'granted', 'cy');
  await track(event(world, 'later', { userId: 'ann' }), event(world, 'of-cy', { userId: 'cy' }));
  await track(event(world, 'last', { userId: 'bo' }));
  expect(arrived()).toEqual(['of-cy']);
  world.clock.now += 20 * MINUTE_MS;
  await world.settle();
  await world.settle();
  expect(arrived()).toEqual(['of-cy', 'waits', 'later', 'last']);
});

it('are taken back without waiting for it', async () => {
  await merge();
  world.clock.now += 1_000;
  await decide(world, 'withdrawn', 'ann');
  await world.settle();
  expect(arrived()).toContain('removeMembers');
});
