import { setImmediate } from 'node:timers/promises';
import { BalanceTally } from '@firsthand/domain';
import { minuteOf, type StoreTransaction } from '@firsthand/pipeline';
import { createMemoryErasures } from '../memory-store/create-memory-erasures.js';
import { createMemoryStore } from '../memory-store/create-memory-store.js';
import type { MemoryTable } from '../memory-store/memory-tables.js';
import { seededRandom } from '../seeded-random.mjs';
import { openMinutesOf } from './open-minutes.js';
import { configurationOf, situationKey } from './scene.js';
import { namesIt, type Backend } from './world.js';

const WORKSPACE = 'w';
/** So many of the transactions' functions run once more. */
const RUNS_AGAIN = 0.1;

/** Digests by which who was erased is known again, and proof without names. */
const NAMELESS: ReadonlySet<string> = new Set(['tombstones', 'evidence']);

/** Configurations by what of them changes: each compiles its segments once. */
const MOST_CONFIGURATIONS = 500;
const configurations = new Map<string, ReturnType<typeof configurationOf>>();

/** An empty store in memory. */
export function memoryBackend(seed: number): Backend {
  const random = seededRandom(seed);
  let listener: (tx: StoreTransaction) => void = () => undefined;
  const store = createMemoryStore({ runsAgain: () => random() < RUNS_AGAIN, onCommit: (tx) => listener(tx) });
  return {
    workspaceId: WORKSPACE, store, erasures: createMemoryErasures(store), isExact: true,
    // All that needs no other transaction to end is done within a turn of the event loop, or waits for a timer.
    async blocked(isOver) {
      do await setImmediate(); while (!isOver() && !store.isBlocked());
    },
    onCommit(told) { listener = told; },
    rest: () => store.read((session, { deliveries, inbox, inFlight, runs, erasures, quarantineJobs }) => {
      const rows = session.select(deliveries, () => true);
      const count = [inbox, inFlight].reduce((sum, table) => sum + session.select(table as typeof inbox, () => true).length, 0);
      const erased = session.select(erasures, () => true);
      const open = erased.filter(({ dueAt }) => dueAt !== null).length;
      return { deliveries: rows, erasures: erased, waiting: rows.filter(({ state }) => state === 'pending').length + count + session.select(runs, ({ dueAt }) => dueAt !== null).length + session.select(quarantineJobs, ({ job }) => job.dueAt !== null).length + open };
    }),
    openMinutes: () => store.read((session, { ledger, inbox, deliveries, inFlight }) => {
      const tally = new BalanceTally(true);
      for (const { connectionId, minute, counts } of session.select(ledger, () => true)) for (const [key, count] of Object.entries(counts)) tally.add(connectionId, minute, key, count);
      for (const { connectionId, receivedAt } of session.select(inbox, () => true).flatMap(({ document }) => document.records)) for (const key of ['received', 'received.pending']) tally.add(connectionId, minuteOf(receivedAt), key, 1);
      const pending = [...session.select(deliveries, ({ state }) => state === 'pending'), ...session.select(inFlight, () => true).flatMap(({ rows }) => rows)];
      for (const { connectionId, createdAt } of pending) tally.add(connectionId, minuteOf(createdAt), 'deliveries.pending', 1);
      return openMinutesOf(tally);
    }),
    hold: (category, isHeld) => store.run((session) => {
      if (isHeld) session.put(store.tables.legalHolds, category, { workspaceId: WORKSPACE, category, reason: 'A law', until: Number.MAX_SAFE_INTEGER });
      else session.remove(store.tables.legalHolds, category);
    }),
    held: () => store.read((session, { heldData }) => session.select(heldData, () => true)),
    find: (texts) => store.read((session, tables) => {
      const all = Object.entries(tables).filter(([name]) => !NAMELESS.has(name)).map(([name, table]) => {
        const rows: string[] = [];
        session.some(table as MemoryTable<unknown>, (row, id) => rows.push(`${JSON.stringify(id)} ${JSON.stringify(row)}`) === 0);
        return { name, text: rows.join('\n') };
      });
      return texts.flatMap((text) => all.flatMap((one) => (namesIt(one.text, text) ? [`${text} in ${one.name}`] : [])));
    }),
    configuration(situation) {
      const key = situationKey(situation);
      let configuration = configurations.get(key);
      // One for each moment at which a version was published: none is needed for longer than a history.
      if (configurations.size >= MOST_CONFIGURATIONS) configurations.clear();
      if (configuration === undefined) configurations.set(key, (configuration = configurationOf(WORKSPACE, situation)));
      return configuration;
    },
  };
}
