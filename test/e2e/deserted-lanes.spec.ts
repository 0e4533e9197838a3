import { endDeserted, readBlock, type Store } from '@firsthand/pipeline';
import { decide, event, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';
import { row } from '../support/store-rows.js';
import { until } from '../support/until.js';

/** What waits at a connection that was deleted by those who did not know of it yet. */
let world: World;
afterEach(() => world.close());

const outbox = async (): Promise<string[]> => (await world.store.collections.deliveries.find({}, { sort: { _id: 1 } }).toArray()).map(({ class: kind, state, reason }) => `${kind} ${state} ${reason}`);
const end = (isDeleted: boolean): Promise<void> => endDeserted({ store: world.store.store, isDeleted: () => Promise.resolve(isDeleted), clock: () => world.clock.now, holder: 'sweeper' });
const forget = (): void => { world.configuration.current = { ...world.configuration.current, destinations: new Map() }; };

/** The process ends with the answer in its hand: nothing is written or given back any more. */
async function dieWithTheAnswer(): Promise<void> {
  const { store, collections } = world.store;
  const { transaction, releaseLane } = store;
  const dead = (): Promise<never> => Promise.reject(new TypeError('The process has died.'));
  world.script.next = () => void Object.assign(store, { transaction: dead, releaseLane: dead } satisfies Partial<Store>);
  await world.track([event(world, 'm1')], { isVerified: true });
  await until(() => world.received.length, (count) => count === 1);
  await world.deliver.stop();
  Object.assign(store, { transaction, releaseLane });
  expect([await collections.inFlight.countDocuments({}), await outbox()]).toEqual([1, []]);
}

it('ends what a process had in flight when it died, with its evidence, and keeps the books', async () => {
  world = await createWorld(undefined, { isJoined: true });
  await decide(world, 'granted');
  await dieWithTheAnswer();
  forget();
  await end(true);
  expect(await world.store.collections.inFlight.countDocuments({})).toBe(1);
  world.clock.now += 10_001;
  await world.sweep.tick();
  await end(false);
  expect(await world.store.collections.inFlight.countDocuments({})).toBe(1);
  await end(true);
  expect([await world.store.collections.inFlight.countDocuments({}), await outbox()]).toEqual([0, ['data cancelled connection-deleted']]);
  const blocks = await world.store.collections.evidence.find({}, { sort: { seq: 1 } }).toArray();
  expect(blocks.flatMap((block) => readBlock(block).outcomes).map(({ outcome }) => outcome)).toEqual(['stalled']);
  expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1, 'cancelled.connection-deleted': 1 });
  expect(await world.store.store.findDueLanes(world.clock.now)).toEqual([]);
});

it('ends what was made or replayed since, due or not, more than a transaction takes; removals stay, and are told of', async () => {
  world = await createWorld();
  const { store } = world.store;
  const ofSink = (id: string, over: object) => row.delivery('', { deliveryId: `${WORKSPACE}|${id}`, workspaceId: WORKSPACE, connectionId: SINK, createdAt: world.clock.now, dueAt: world.clock.now, ...over });
  const many = Array.from({ length: 1_001 }, (_, index) => ofSink(`made-${index}`, {}));
  await store.transaction(async (tx) => {
    await tx.insertDeliveries([...many, ofSink('replayed', { attempt: 3, dueAt: world.clock.now + 3_600_000 }), ofSink('removal', { class: 'suppression', operation: 'removeMembers', cause: 'consent-withdrawn' })]);
    await tx.insertLedger(WORKSPACE, [{ connectionId: SINK, minute: 0, counts: { deliveries: 1_003 } }]);
  });
  forget();
  await end(true);
  const counts = await world.store.collections.deliveries.aggregate<{ _id: string; count: number }>([{ $group: { _id: { $concat: ['$class', ' ', '$state'] }, count: { $sum: 1 } } }, { $sort: { _id: 1 } }]).toArray();
  expect(counts).toEqual([{ _id: 'data cancelled', count: 1_002 }, { _id: 'suppression pending', count: 1 }]);
  expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1_003, 'cancelled.connection-deleted': 1_002 });
});
