import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { deliveryRow, type ConnectedStore } from '@firsthand/persistence';
import { configurationOf } from './scene.js';
import type { Backend } from './world.js';

/** A process that waits for another's transaction is given so long; then the other one goes on. */
const BLOCKED_MS = 100;

/** A workspace of its own on a real MongoDB. */
export function mongoBackend({ store, collections }: ConnectedStore): Backend {
  const workspaceId = randomUUID();
  const configurations = new Map<string, ReturnType<typeof configurationOf>>();
  return {
    workspaceId, store, isExact: false,
    async blocked(isOver) {
      for (let waited = 0; waited < BLOCKED_MS && !isOver(); waited += 5) await delay(5);
    },
    async rest() {
      const rows = await collections.deliveries.find({ workspaceId }).toArray();
      const [inbox, inFlight, runs] = await Promise.all([collections.inbox.countDocuments({ workspaceId }), collections.inFlight.countDocuments({ workspaceId }), collections.runs.countDocuments({ workspaceId, dueAt: { $gt: 0 } })]);
      return { deliveries: rows.map(deliveryRow), waiting: inbox + inFlight + runs + rows.filter(({ state }) => state === 'pending').length };
    },
    configuration(versions, segmentVersion) {
      const key = `${versions.join()}|${segmentVersion}`;
      let configuration = configurations.get(key);
      if (configuration === undefined) configurations.set(key, (configuration = configurationOf(workspaceId, versions, segmentVersion)));
      return configuration;
    },
  };
}
