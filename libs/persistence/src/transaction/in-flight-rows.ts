import { FenceLost, LANE_LEASE_MS, minuteOf, type DeliveryRow, type InFlightBlock, type StoreTransaction } from '@firsthand/pipeline';
import { ownKey, storeKey } from '../store/store-key.js';
import type { StoredDelivery, StoredInFlight } from '../store/stored-rows.js';
import type { TransactionScope } from './transaction-scope.js';
import { insertAll } from './write-commands.js';

type InFlightRows = Pick<StoreTransaction, 'insertInFlight' | 'keepInFlight' | 'recoverInFlight'>;

/** Rows that are being sent, many in a document: one that is delivered at once costs an insert, and no update. */
export function inFlightRows(scope: Pick<TransactionScope, 'db' | 'collections' | 'session' | 'read'>): InFlightRows {
  const { collections: { inFlight, deliveries }, session, read } = scope;
  return {
    async insertInFlight(block) {
      await inFlight.insertOne(toStored(block), { session });
    },

    async keepInFlight(blocks) {
      const gone = blocks.filter(({ rows }) => rows.length === 0).map(({ blockId }) => blockId);
      const left = blocks.filter(({ rows }) => rows.length > 0).map(toStored);
      const keep = async (filter: { moved: { $exists: boolean } }): Promise<number> => {
        let count = gone.length === 0 ? 0 : (await inFlight.deleteMany({ _id: { $in: gone }, ...filter }, { session })).deletedCount;
        for (const { _id, rows, tallies } of left) count += (await inFlight.updateOne({ _id, ...filter }, { $set: { rows, tallies } }, { session })).matchedCount;
        return count;
      };
      const missing = blocks.length - await keep({ moved: { $exists: false } });
      if (missing === 0) return new Map();
      const moved = await inFlight.find({ _id: { $in: blocks.map(({ blockId }) => blockId) }, moved: { $exists: true } }, read).toArray();
      expectAll(missing, await keep({ moved: { $exists: true } }));
      return new Map(moved.flatMap((block) => Object.entries(movedOf(block))));
    },

    async recoverInFlight({ workspaceId, connectionId }) {
      const blocks = await inFlight.find({ _id: blocksOf(workspaceId, connectionId) }, read).toArray();
      if (blocks.length === 0) return 0;
      await inFlight.deleteMany({ _id: { $in: blocks.map(({ _id }) => _id) } }, { session });
      const rows = blocks.flatMap(deliveriesInFlight);
      await insertAll(scope, deliveries, rows);
      return rows.length;
    },
  };
}

/** Gives rows in flight that events of a profile caused to another: whoever takes them out again hears of it. No index leads into blocks, and there are few. */
export async function moveInFlight({ collections: { inFlight }, session, read }: Pick<TransactionScope, 'collections' | 'session' | 'read'>, workspaceId: string, { from, to, eventIds }: { from: string; to: string; eventIds: readonly string[] }): Promise<void> {
  for (const block of await inFlight.find({ _id: blocksOf(workspaceId) }, read).toArray()) {
    const theirs = deliveriesInFlight(block).filter(({ profileId, eventId }) => profileId === from && eventId !== null && eventIds.includes(eventId));
    if (theirs.length > 0) await inFlight.updateOne({ _id: block._id }, { $set: { moved: JSON.stringify({ ...movedOf(block), ...Object.fromEntries(theirs.map(({ _id }) => [_id, to])) }) } }, { session });
  }
}

function movedOf({ moved = '{}' }: Pick<StoredInFlight, 'moved'>): Record<string, string> {
  return JSON.parse(moved) as Record<string, string>;
}

/** The rows of a block as they would lie in the outbox. */
export function deliveriesInFlight({ rows, moved }: Pick<StoredInFlight, 'rows' | 'moved'>): StoredDelivery[] {
  const owners = moved === undefined ? {} : movedOf({ moved });
  return (JSON.parse(rows) as DeliveryRow[]).map((row) => storedDelivery({ ...row, profileId: owners[row.deliveryId] ?? row.profileId }));
}

/** A row of the outbox as it is stored. */
export function storedDelivery({ deliveryId, ...row }: DeliveryRow): StoredDelivery {
  return { _id: ownKey(row.workspaceId, deliveryId), schemaVersion: 1, ...row };
}

/** The ids of a workspace's or lane's blocks: they begin with these parts and a `|`, and `}` is the sign after that. */
export function blocksOf(workspaceId: string, connectionId?: string): { $gte: string; $lt: string } {
  const prefix = connectionId === undefined ? workspaceId : storeKey(workspaceId, connectionId);
  return { $gte: `${prefix}|`, $lt: `${prefix}}` };
}

function toStored({ blockId, workspaceId, connectionId, rows }: InFlightBlock): StoredInFlight {
  const counts = new Map<number, number>();
  for (const { createdAt } of rows) counts.set(minuteOf(createdAt), (counts.get(minuteOf(createdAt)) ?? 0) + 1);
  const dueAt = Math.max(...rows.map(({ createdAt }) => createdAt)) + LANE_LEASE_MS;
  return { _id: ownKey(workspaceId, blockId), schemaVersion: 1, workspaceId, connectionId, tallies: [...counts].map(([minute, count]) => ({ minute, count })), dueAt, rows: JSON.stringify(rows) };
}

function expectAll(expected: number, actual: number): void {
  if (actual !== expected) throw new FenceLost('Rows in flight were recovered by another holder of the lane.');
}
