import { randomUUID } from 'node:crypto';
import type { LedgerCounts } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { digits } from '../store/digits.js';
import { storeKey } from '../store/store-key.js';

/** Adds counts to the balance, in the transaction of what they count. */
export async function insertCounts({ collections: { ledger }, session }: { collections: Pick<Collections, 'ledger'>; session: mongo.ClientSession }, workspaceId: string, counts: LedgerCounts): Promise<void> {
  const rows = counts.list().map((entry) => ({ _id: storeKey(workspaceId, entry.connectionId, digits(entry.minute, 13), randomUUID()), schemaVersion: 1, workspaceId, ...entry }));
  if (rows.length > 0) await ledger.insertMany(rows, { session });
}
