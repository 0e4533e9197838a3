import { FenceLost, type Backfill, type BackfillLease } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { StoredConfigured } from '../configuration/configuration-kinds.js';

/** A backfill as the configuration repository stores it. */
export type StoredBackfill = Omit<StoredConfigured, 'content'> & { content: Backfill };

/** Changes the row of a lease. @throws FenceLost */
export async function updateOwn(rows: mongo.Collection<StoredBackfill>, { backfillId, fence }: BackfillLease, set: Record<string, unknown>, session: mongo.ClientSession): Promise<void> {
  const { matchedCount } = await rows.updateOne({ _id: backfillId, 'content.fence': fence }, { $set: set }, { session });
  if (matchedCount !== 1) throw new FenceLost('The backfill was taken over.');
}
