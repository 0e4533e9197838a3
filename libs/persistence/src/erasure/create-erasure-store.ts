import { ERASURE_LEASE_MS, ERASURE_STEPS, FenceLost, type ErasureLease, type ErasureRow, type ErasureStep, type ErasureStore } from '@firsthand/pipeline';
import type { Connection, mongo } from 'mongoose';
import { collectionsOf, type Collections } from '../store/collections.js';
import { erasureRow } from '../store/read-rows.js';
import type { StoredErasure } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { blocksOf, deliveriesInFlight } from '../transaction/in-flight-rows.js';
import { runTransaction } from '../transaction/run-transaction.js';
import type { RemovalPart, RemovalScope } from './removal-part.js';
import { removeEvents, removeNamedEvents } from './remove-events.js';
import { removeRows, removeTold, stripConsents, stripRequests } from './remove-rows.js';
import { emptyInbox, removeQuarantined } from './remove-waiting.js';
import { sweepHeld } from './sweep-held.js';

/** What each step does, a part at a time. The last one is not the store's: it waits for recipients. */
const PARTS: Record<Exclude<ErasureStep, 'recipients'>, (scope: RemovalScope) => Promise<RemovalPart>> = {
  inbox: emptyInbox, events: removeEvents, 'named-events': removeNamedEvents, quarantine: removeQuarantined, rows: removeRows, consents: stripConsents, requests: stripRequests,
};

/**
 * Erasures on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const eraser = createEraser({ erasures: createErasureStore(connection), clock, holder });
 */
export function createErasureStore(connection: Connection): ErasureStore {
  const client = connection.getClient();
  const db = client.db(connection.name);
  const collections = collectionsOf(connection);
  const { erasures, deliveries } = collections;
  return withStoreFailures<ErasureStore>({
    async claim({ now, until, holder, workspaceId }) {
      const row = await erasures.findOneAndUpdate(
        { ...(workspaceId === undefined ? {} : { workspaceId }), dueAt: { $lte: now, $gt: 0 }, $or: [{ until: { $lte: now } }, { holder }] }, { $set: { holder, until }, $inc: { fence: 1 } }, { sort: { dueAt: 1, _id: 1 }, returnDocument: 'after' },
      );
      return row === null ? null : { row: erasureRow(row), fence: row.fence };
    },

    work: (lease, now) => runTransaction(client, async (session) => {
      const { row } = lease;
      if (row.step === 'recipients') return row;
      const { workspaceId, profileIds, identityKeys } = row;
      const part = await PARTS[row.step]({ db, collections, session, row, subject: { workspaceId, profileIds, identityKeys }, now });
      const next = advance(row, part, now);
      const { step, cursor, counts, held, removedAt, identityKeys: left, dueAt } = next;
      await updateOwn(erasures, lease, { step, cursor, counts, held, removedAt, identityKeys: left, dueAt, until: now + ERASURE_LEASE_MS }, session);
      return next;
    }),

    async findTold(workspaceId, deliveryIds) {
      const found = await deliveries.find({ workspaceId, _id: { $in: [...deliveryIds] } }, { projection: { state: 1, reason: 1 } }).toArray();
      return new Map(found.map(({ _id, state, reason }) => [_id, { state, reason }]));
    },

    save: (lease, { recipients, dueAt }) => updateOwn(erasures, lease, { recipients, dueAt, holder: null, until: 0 }),

    finish: (lease, { recipients, dueAt }, now) => runTransaction(client, async (session) => {
      const { workspaceId, profileIds, counts, finishedAt } = lease.row;
      const removed = profileIds.length === 0 ? {} : await removeTold({ db, session, subject: { workspaceId, profileIds, identityKeys: [] } });
      const isOpen = profileIds.length > 0 && (await hasOpenDelivery(collections, lease.row, session));
      const rest = isOpen ? { dueAt } : { people: [], profileIds: [], dueAt: null };
      await updateOwn(erasures, lease, { recipients, counts: sum(counts, removed), ...rest, finishedAt: finishedAt ?? now, holder: null, until: 0 }, session);
    }),

    sweepHeld: (now) => sweepHeld(collections, now),
  });
}

/** Whether anything of the person waits still, or is on its way and would be written down after this: no index leads into blocks of rows in flight, of which there are few. */
async function hasOpenDelivery({ deliveries, inFlight }: Collections, { workspaceId, profileIds }: ErasureRow, session: mongo.ClientSession): Promise<boolean> {
  if ((await deliveries.findOne({ workspaceId, profileId: { $in: [...profileIds] }, state: 'pending' }, { session, projection: { _id: 1 } })) !== null) return true;
  for await (const block of inFlight.find({ _id: blocksOf(workspaceId) }, { session })) if (deliveriesInFlight(block).some(({ profileId }) => profileIds.includes(profileId))) return true;
  return false;
}

function advance(row: ErasureRow, { counts = {}, held = [], next, waitMs = 0 }: RemovalPart, now: number): ErasureRow {
  const done = { ...row, counts: sum(row.counts, counts), held: [...row.held.map((one) => ({ ...one })), ...held].reduce(addHeld, []), dueAt: now + waitMs };
  if (next !== null) return { ...done, cursor: next };
  const step = ERASURE_STEPS[ERASURE_STEPS.indexOf(row.step) + 1] ?? 'recipients';
  // By the identities nothing more is looked for.
  return step === 'recipients' ? { ...done, step, cursor: null, identityKeys: [], removedAt: now } : { ...done, step, cursor: null };
}

function addHeld(sums: ErasureRow['held'], one: ErasureRow['held'][number]): ErasureRow['held'] {
  const known = sums.find(({ category, reason }) => category === one.category && reason === one.reason);
  if (known === undefined) return [...sums, one];
  known.rows += one.rows;
  return sums;
}

function sum(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const sums = { ...one };
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

async function updateOwn(erasures: mongo.Collection<StoredErasure>, { row, fence }: ErasureLease, $set: Partial<StoredErasure>, session?: mongo.ClientSession): Promise<void> {
  const { matchedCount } = await erasures.updateOne({ _id: row.erasureId, fence }, { $set }, session === undefined ? {} : { session });
  if (matchedCount !== 1) throw new FenceLost('The erasure was taken over.');
}
