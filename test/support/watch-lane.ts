import { SINK, WORKSPACE, type World } from './pipeline-world.js';
import { until } from './until.js';

/**
 * Watches the lane of the world's sink, and gives what lets it look for due deliveries twice while a send is on its way: what it finds the first time is sent by the second.
 *
 * @example const lookTwice = watchLane(world); const send = async () => { await withdraw(); await lookTwice(); };
 */
export function watchLane({ store: { store }, deliver }: World): () => Promise<void> {
  const { findDueDeliveries } = store;
  let looks = 0;
  store.findDueDeliveries = async (...given) => {
    const found = await findDueDeliveries.apply(store, given);
    looks += 1;
    return found;
  };
  return async () => {
    for (const look of [looks + 1, looks + 2]) {
      void deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
      await until(() => looks, (count) => count >= look);
    }
  };
}
