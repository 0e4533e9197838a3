import type { OneTimeCodePlace, OneTimeCodeStore } from '@firsthand/pipeline';
import type { Collections } from './collections.js';
import { isDuplicateKey } from './store-failure.js';
import { storeKey } from './store-key.js';
import { withStoreFailures } from './with-store-failures.js';

/**
 * One-time codes on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const codes = createOneTimeCodeStore(collections);
 */
export function createOneTimeCodeStore({ oneTimeCodes }: Pick<Collections, 'oneTimeCodes'>): OneTimeCodeStore {
  const idOf = ({ workspaceId, key }: OneTimeCodePlace): string => storeKey(workspaceId, key);
  return withStoreFailures<OneTimeCodeStore>({
    async issueOneTimeCode(place, { digest, now, expiresAt, windowMs, mostPerWindow }) {
      const isOver = { $lte: [{ $ifNull: ['$windowUntil', 0] }, now] };
      const windowUntil = { $cond: [isOver, now + windowMs, '$windowUntil'] };
      const issue = async (upsert: boolean): Promise<boolean> => {
        const { matchedCount, upsertedCount } = await oneTimeCodes.updateOne({ _id: idOf(place), $or: [{ windowUntil: { $lte: now } }, { issued: { $lt: mostPerWindow } }] }, [{ $set: {
          schemaVersion: 1, workspaceId: place.workspaceId, digest, tries: 0, expiresAt, issued: { $cond: [isOver, 1, { $add: ['$issued', 1] }] }, windowUntil,
          // Kept for the window, so that it is counted over; MongoDB deletes it by itself.
          expireAt: { $toDate: { $toLong: { $max: [expiresAt, windowUntil] } } },
        } }], { upsert });
        return matchedCount + upsertedCount === 1;
      };
      // A row that is there and does not match has had its number; or another request has just made it, which is looked at once more.
      return issue(true).catch((error: unknown) => { if (isDuplicateKey(error)) return issue(false); throw error; });
    },

    async takeOneTimeCode(place, { digest, now, mostTries }) {
      const _id = idOf(place);
      const counted = await oneTimeCodes.updateOne({ _id, expiresAt: { $gt: now }, tries: { $lt: mostTries } }, { $inc: { tries: 1 } });
      if (counted.matchedCount === 0) return false;
      // The right one is used up by the same write that finds it.
      return (await oneTimeCodes.updateOne({ _id, digest, expiresAt: { $gt: now } }, { $set: { digest: '', expiresAt: 0 } })).matchedCount === 1;
    },
  });
}
