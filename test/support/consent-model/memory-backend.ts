import { setImmediate } from 'node:timers/promises';
import type { StoreTransaction } from '@firsthand/pipeline';
import { createMemoryStore } from '../memory-store/create-memory-store.js';
import { seededRandom } from '../seeded-random.js';
import { configurationOf } from './scene.js';
import type { Backend } from './world.js';

const WORKSPACE = 'w';
/** So many of the transactions' functions run once more. */
const RUNS_AGAIN = 0.1;

/** Configurations by what of them changes: each compiles its segments once. */
const configurations = new Map<string, ReturnType<typeof configurationOf>>();

/** An empty store in memory. */
export function memoryBackend(seed: number): Backend {
  const random = seededRandom(seed);
  let listener: (tx: StoreTransaction) => void = () => undefined;
  const store = createMemoryStore({ runsAgain: () => random() < RUNS_AGAIN, onCommit: (tx) => listener(tx) });
  return {
    workspaceId: WORKSPACE, store, isExact: true,
    // All that needs no other transaction to end is done within a turn of the event loop, or waits for a timer.
    async blocked(isOver) {
      do await setImmediate(); while (!isOver() && !store.isBlocked());
    },
    onCommit(told) { listener = told; },
    rest: () => store.read((session, { deliveries, inbox, inFlight, runs }) => {
      const rows = session.select(deliveries, () => true);
      const count = [inbox, inFlight].reduce((sum, table) => sum + session.select(table as typeof inbox, () => true).length, 0);
      return { deliveries: rows, waiting: rows.filter(({ state }) => state === 'pending').length + count + session.select(runs, ({ dueAt }) => dueAt !== null).length };
    }),
    configuration(versions, segmentVersion) {
      const key = `${versions.join()}|${segmentVersion}`;
      let configuration = configurations.get(key);
      if (configuration === undefined) configurations.set(key, (configuration = configurationOf(WORKSPACE, versions, segmentVersion)));
      return configuration;
    },
  };
}
