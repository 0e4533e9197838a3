import type { mongo } from 'mongoose';

/** A count is worth this much of the store's time. */
const MAX_TIME_MS = 2_000;
const MAX_TIME_EXPIRED = 50;

/**
 * Counts documents, or gives null when that would take too long.
 *
 * @example await countWithin(collections.runs, { workspaceId, flowId })
 */
export async function countWithin<T extends mongo.Document>(collection: Pick<mongo.Collection<T>, 'countDocuments'>, filter: mongo.Filter<T>): Promise<number | null> {
  return collection.countDocuments(filter, { maxTimeMS: MAX_TIME_MS }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === MAX_TIME_EXPIRED) return null;
    throw error;
  });
}
