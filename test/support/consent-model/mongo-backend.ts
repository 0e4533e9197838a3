import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BalanceTally } from '@firsthand/domain';
import { createErasureStore, deliveryRow, erasureRow, tallyBalance, type ConnectedStore } from '@firsthand/persistence';
import { openMinutesOf } from './open-minutes.js';
import { configurationOf, situationKey } from './scene.js';
import { namesIt, type Backend } from './world.js';

/** A process that waits for another's transaction is given so long; then the other one goes on. */
const BLOCKED_MS = 100;

/** Where people are named, in rows that say of which workspace they are. */
const NAMING = ['profiles', 'identities', 'aliases', 'merges', 'identityLinks', 'events', 'inbox', 'quarantine', 'consents', 'consentStates', 'disclosures', 'deliveries', 'inFlight', 'runs', 'flowEntries', 'erasures', 'confirmations', 'heldData'];

/** A workspace of its own on a real MongoDB. */
export function mongoBackend({ store, collections, connection }: ConnectedStore): Backend {
  const workspaceId = randomUUID();
  const db = connection.getClient().db(connection.name);
  const configurations = new Map<string, ReturnType<typeof configurationOf>>();
  return {
    workspaceId, store, erasures: createErasureStore(connection), isExact: false,
    async blocked(isOver) {
      for (let waited = 0; waited < BLOCKED_MS && !isOver(); waited += 5) await delay(5);
    },
    async rest() {
      const rows = await collections.deliveries.find({ workspaceId }).toArray();
      const [inbox, inFlight, runs, jobs, erasures] = await Promise.all([collections.inbox.countDocuments({ workspaceId }), collections.inFlight.countDocuments({ workspaceId }), collections.runs.countDocuments({ workspaceId, dueAt: { $gt: 0 } }), collections.quarantineJobs.countDocuments({ workspaceId, dueAt: { $gt: 0 } }),
        collections.erasures.find({ workspaceId }).toArray()]);
      return { deliveries: rows.map(deliveryRow), erasures: erasures.map(erasureRow), waiting: erasures.filter(({ dueAt }) => dueAt !== null).length + inbox + inFlight + runs + jobs + rows.filter(({ state }) => state === 'pending').length };
    },
    async openMinutes() {
      const session = connection.getClient().startSession({ snapshot: true });
      try {
        const tally = new BalanceTally(true);
        await tallyBalance(tally, collections, { workspaceId, from: 0, to: Number.MAX_SAFE_INTEGER }, session);
        return openMinutesOf(tally);
      } finally {
        await session.endSession();
      }
    },
    async hold(category, isHeld) {
      const _id = `${workspaceId}|${category}`;
      // Other histories beside this one have clocks of their own: one of them may look at its holds.
      const content = { category, reason: 'A law', until: Number.MAX_SAFE_INTEGER };
      if (isHeld) await collections.legalHolds.replaceOne({ _id }, { id: category, workspaceId, schemaVersion: 1, version: 1, createdAt: 1, updatedAt: 1, content }, { upsert: true });
      else await collections.legalHolds.deleteOne({ _id });
    },
    held: async () => (await collections.heldData.find({ workspaceId }).toArray()).map(({ category, record }) => ({ category, record })),
    async find(texts) {
      const all = await Promise.all(NAMING.map(async (name) => ({ name, text: JSON.stringify(await db.collection(name).find({ workspaceId }).toArray()) })));
      return texts.flatMap((text) => all.flatMap((one) => (namesIt(one.text, text) ? [`${text} in ${one.name}`] : [])));
    },
    configuration(situation) {
      const key = situationKey(situation);
      let configuration = configurations.get(key);
      if (configuration === undefined) configurations.set(key, (configuration = configurationOf(workspaceId, situation)));
      return configuration;
    },
  };
}
