import { randomUUID } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import { storeKey, type StoredDelivery } from '@firsthand/persistence';
import { LedgerCounts, REPLAY_PACED, type LedgerEntry } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor } from '../http/page.js';
import { reachFilter } from '../http/reach-filter.js';

/** One transaction's worth, about: larger ones would run into the server's limit of a minute. */
const BATCH = 500;

const text = z.string().min(1).max(200);
const filterSchema = z.strictObject({
  connectionId: text, state: z.enum(['dead', 'blocked']), reason: text.optional().meta({ description: 'Exactly, or its part before the colon: `retries-exhausted`.' }), flowId: text.optional(), stepId: text.optional(),
  from: z.iso.datetime().optional().meta({ description: 'Made at this time or later.' }), to: z.iso.datetime().optional().meta({ description: 'Made before this time.' }),
});
const pace = { perSecond: z.number().min(0.01).max(1_000).optional().meta({ description: 'How many become due per second; all at once when left out. The connection’s own rate limit holds as well.' }) };

export const replaySchema = z.union([
  z.strictObject({ ids: z.array(z.string().min(1).max(300)).min(1).max(500), ...pace }),
  z.strictObject({ filter: filterSchema, ...pace, cursor: z.string().max(2_000).optional().meta({ description: '`nextCursor` of the answer before: each delivery is taken up once, whatever becomes of it meanwhile.' }) }),
]).meta({ id: 'ReplayBody', description: 'Which dead or blocked deliveries to take up again.', examples: [{ filter: { connectionId: 'crm', state: 'dead', from: '2026-11-24T08:00:00.000Z', to: '2026-11-24T12:00:00.000Z' }, perSecond: 20 }] });
export type ReplayBody = z.infer<typeof replaySchema>;
export const replayedSchema = z.object({
  replayed: z.int(), hasMore: z.boolean().meta({ description: 'Whether the filter matches more: ask again with `nextCursor`.' }), nextCursor: z.string().nullable(),
  lastDueAt: z.iso.datetime().nullable().meta({ description: 'When the last of these becomes due.' }),
}).meta({ id: 'Replayed' });
export type Replayed = z.infer<typeof replayedSchema>;

/** Where a replay by filter goes on: after all that was made up to a time, at the time when the next one may be due. */
interface Position {
  createdAt: number;
  dueAt: number;
}

/**
 * Takes dead and blocked deliveries up again: they are pending, due now or one after the other at the pace that is asked for, are decided anew on the consent of
 * that moment, and are retried for as long as new ones. What the ledger had counted as ended is taken back in the same transaction, so that the balance holds at
 * every moment. A replay by filter goes through the rows in their order, so that each is taken up once.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a cursor that is none
 */
export async function replayDeliveries(admin: AdminContext, { workspaceId, ability }: Caller, body: ReplayBody): Promise<Replayed> {
  const isFilter = 'filter' in body;
  const position = isFilter ? readPosition(body.cursor) : null;
  const wanted = isFilter ? filterOf(body.filter, position) : { _id: { $in: body.ids.map((id) => storeKey(workspaceId, id)) }, state: { $in: ['dead', 'blocked'] } as const };
  const find = (session?: mongo.ClientSession) => findBatch(admin, { workspaceId, ...wanted, ...reachFilter(ability, 'operate', 'delivery') }, session);
  const everyMs = body.perSecond === undefined ? 0 : 1_000 / body.perSecond;
  const startAt = Math.max(admin.clock(), position?.dueAt ?? 0);
  const dueAtOf = (index: number): number => Math.ceil(startAt + index * everyMs);
  const replayed = admin.isDryRun ? await find() : await takeUp(admin, workspaceId, find, dueAtOf);
  for (const connectionId of new Set(replayed.map((row) => row.connectionId))) admin.doorbell.ringLane({ workspaceId, connectionId });
  const last = replayed.at(-1);
  const hasMore = isFilter && replayed.length >= BATCH;
  return {
    replayed: replayed.length, hasMore, nextCursor: hasMore && last !== undefined ? encodeCursor(JSON.stringify([last.createdAt, dueAtOf(replayed.length)])) : null,
    lastDueAt: last === undefined ? null : new Date(dueAtOf(replayed.length - 1)).toISOString(),
  };
}

function filterOf({ connectionId, state, reason, flowId, stepId, from, to }: z.infer<typeof filterSchema>, position: Position | null): mongo.Filter<StoredDelivery> {
  const createdAt = { ...(from === undefined ? {} : { $gte: Date.parse(from) }), ...(to === undefined ? {} : { $lt: Date.parse(to) }) };
  return {
    connectionId, state, ...(flowId === undefined ? {} : { flowId }), ...(stepId === undefined ? {} : { stepId }),
    $and: [
      { createdAt: { $gte: 0, ...createdAt } },
      // `retries-exhausted` stands for `retries-exhausted:destination-failed` too: from the colon to the sign after it.
      ...(reason === undefined ? [] : [{ $or: [{ reason }, { reason: { $gte: `${reason}:`, $lt: `${reason};` } }] }]),
      ...(position === null ? [] : [{ createdAt: { $gt: position.createdAt } }]),
    ],
  };
}

/** The first rows in their order; of the time that a batch ends at all of them, so that the next one begins after it. */
async function findBatch({ collections: { deliveries } }: AdminContext, filter: mongo.Filter<StoredDelivery>, session: mongo.ClientSession | undefined): Promise<StoredDelivery[]> {
  const options = { sort: { createdAt: 1, seq: 1 } as const, ...(session === undefined ? {} : { session }) };
  const rows = await deliveries.find(filter, { ...options, limit: BATCH }).toArray();
  const last = rows.at(-1);
  if (last === undefined || rows.length < BATCH) return rows;
  const { createdAt } = last;
  return [...rows.filter((row) => row.createdAt < createdAt), ...(await deliveries.find({ $and: [filter, { createdAt }] }, options).toArray())];
}

function readPosition(cursor: string | undefined): Position | null {
  const given = decodeCursor(cursor);
  if (given === undefined) return null;
  try {
    const [createdAt, dueAt] = z.tuple([z.int(), z.int()]).parse(JSON.parse(given));
    return { createdAt, dueAt };
  } catch {
    throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  }
}

function takeUp({ collections, connection, clock }: AdminContext, workspaceId: string, find: (session: mongo.ClientSession) => Promise<StoredDelivery[]>, dueAtOf: (index: number) => number): Promise<StoredDelivery[]> {
  return connection.getClient().withSession((session) => session.withTransaction(async () => {
    const rows = await find(session);
    if (rows.length === 0) return [];
    const now = clock();
    // What is new of a person goes while this waits for its turn; not ahead of a removal, which would take it back.
    const reasonOf = (kind: StoredDelivery['class'], dueAt: number): string | null => (kind === 'data' && dueAt > now ? REPLAY_PACED : null);
    // Its number of tries goes on: evidence tells the sends of a delivery apart by it. Who replays again at once loses the race and finds them pending.
    await collections.deliveries.bulkWrite(rows.map(({ _id, attempt, class: kind }, index) => (
      { updateOne: { filter: { _id }, update: { $set: { state: 'pending', reason: reasonOf(kind, dueAtOf(index)), dueAt: dueAtOf(index), retryFrom: Math.max(now, dueAtOf(index)), attempt: attempt + 1 } } } })), { session, ordered: false });
    // Who has been told that one has ended is told again when it ends again.
    await collections.deliveries.updateMany({ _id: { $in: rows.map(({ _id }) => _id) }, toldAs: 'ended' }, { $set: { toldAs: 'late' } }, { session });
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
