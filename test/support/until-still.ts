import { until } from './until.js';
import type { World } from './pipeline-world.js';

/**
 * Settles a world again and again until no document is in its inbox, no run or delivery is due and none is in flight. What joined stages hand each other in memory is waited for too, which one settling does not do.
 * All is read at one moment: each step is one transaction that takes from one collection and puts into another, and two reads with a step between them could miss what it moved. A destination that is not enabled keeps what is its own.
 */
export async function untilStill(world: World): Promise<void> {
  const left = await until(async () => {
    await world.settle();
    return countLeft(world);
  }, (count) => count === 0, 60_000);
  if (left > 0) throw new Error(`${left} documents, runs and deliveries are left`);
}

async function countLeft({ store: { connection, collections: { inbox, runs, deliveries, inFlight } }, configuration: { current }, clock }: World): Promise<number> {
  const due = { dueAt: { $gt: 0, $lte: clock.now } };
  const open = [...current.destinations.values()].filter(({ status }) => status === 'enabled').map(({ connectionId }) => connectionId);
  const session = await connection.startSession({ snapshot: true });
  try {
    return await inbox.countDocuments({}, { session }) + await runs.countDocuments(due, { session }) + await inFlight.countDocuments({}, { session })
      + await deliveries.countDocuments({ ...due, state: 'pending', connectionId: { $in: open } }, { session });
  } finally {
    await session.endSession();
  }
}
