import { randomUUID } from 'node:crypto';
import { storeKey, type StoredDelivery } from '@firsthand/persistence';
import { LedgerCounts, type LedgerEntry } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

/** One transaction's worth: larger ones would run into the server's limit of a minute. */
const BATCH = 500;

export const replaySchema = z.union([
  z.strictObject({ ids: z.array(z.string().min(1).max(300)).min(1).max(500) }),
  z.strictObject({ filter: z.strictObject({ connectionId: z.string().min(1).max(200), state: z.enum(['dead', 'blocked']), reason: z.string().max(200).optional() }) }),
]).meta({ id: 'ReplayBody', description: 'Which dead or blocked deliveries to take up again.', examples: [{ filter: { connectionId: 'crm', state: 'dead' } }] });
export type ReplayBody = z.infer<typeof replaySchema>;
export const replayedSchema = z.object({ replayed: z.int(), hasMore: z.boolean().meta({ description: 'Whether the filter matches more: ask again.' }) }).meta({ id: 'Replayed' });
export type Replayed = z.infer<typeof replayedSchema>;

/**
 * Takes dead and blocked deliveries up again: they are pending and due now, are decided anew on the consent of that moment, and are retried for as long
 * as new ones. What the ledger had counted as ended is taken back in the same transaction, so that the balance holds at every moment.
 */
export async function replayDeliveries(admin: AdminContext, { workspaceId }: Caller, body: ReplayBody): Promise<Replayed> {
  const filter = 'ids' in body
    ? { _id: { $in: body.ids.map((id) => storeKey(workspaceId, id)) } }
    : { connectionId: body.filter.connectionId, state: body.filter.state, ...(body.filter.reason === undefined ? {} : { reason: body.filter.reason }) };
  const find = (session?: mongo.ClientSession) => admin.collections.deliveries
    .find({ workspaceId, state: { $in: ['dead', 'blocked'] }, ...filter }, { sort: { createdAt: 1, seq: 1 }, limit: BATCH, ...(session === undefined ? {} : { session }) }).toArray();
  const replayed = admin.isDryRun ? await find() : await takeUp(admin, workspaceId, find);
  for (const connectionId of new Set(replayed.map((row) => row.connectionId))) admin.doorbell.ringLane({ workspaceId, connectionId });
  return { replayed: replayed.length, hasMore: !('ids' in body) && replayed.length === BATCH };
}

function takeUp({ collections, connection, clock }: AdminContext, workspaceId: string, find: (session: mongo.ClientSession) => Promise<StoredDelivery[]>): Promise<StoredDelivery[]> {
  return connection.getClient().withSession((session) => session.withTransaction(async () => {
    const rows = await find(session);
    if (rows.length === 0) return [];
    const now = clock();
    // Its number of tries goes on: evidence tells the sends of a delivery apart by it. Who replays again at once loses the race and finds them pending.
    await collections.deliveries.bulkWrite(rows.map(({ _id, attempt }) => (
      { updateOne: { filter: { _id }, update: { $set: { state: 'pending', reason: null, dueAt: now, retryFrom: now, attempt: attempt + 1 } } } })), { session, ordered: false });
    await collections.ledger.insertMany(takenBack(rows).map((entry) => (
      { _id: storeKey(workspaceId, entry.connectionId, String(entry.minute).padStart(13, '0'), randomUUID()), schemaVersion: 1, workspaceId, ...entry })), { session });
    return rows;
  }, TRANSACTION));
}

const TRANSACTION: mongo.TransactionOptions = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, readPreference: 'primary' };

/** One less for each reason that the rows had ended with. */
function takenBack(rows: readonly StoredDelivery[]): LedgerEntry[] {
  const counts = new LedgerCounts();
  for (const { connectionId, createdAt, state, reason } of rows) counts.add(connectionId, createdAt, `${state}.${reason}`, -1);
  return counts.list();
}
