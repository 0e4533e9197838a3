import type { LoginTryStore } from '@firsthand/pipeline';
import type { Collections } from './collections.js';
import { withStoreFailures } from './with-store-failures.js';

/**
 * Tries of credentials on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const tries = createLoginTryStore(collections);
 */
export function createLoginTryStore({ loginTries }: Pick<Collections, 'loginTries'>): LoginTryStore {
  return withStoreFailures<LoginTryStore>({
    async countTry({ key, most, now, until }) {
      const isOpen = { $and: [{ $gt: ['$until', now] }, { $gt: ['$count', 0] }] };
      // A filter by the key alone: of two that would both insert the row, the server does one again.
      const before = await loginTries.findOneAndUpdate({ _id: key }, [
        { $set: { schemaVersion: 1, count: { $cond: [isOpen, { $min: [{ $add: ['$count', 1] }, most] }, 1] }, until: { $cond: [isOpen, '$until', until] } } },
        { $set: { expireAt: { $toDate: { $toLong: '$until' } } } },
      ], { upsert: true, returnDocument: 'before' });
      if (before === null || before.until <= now || before.count <= 0) return { key, until, count: 1, isCounted: true };
      return { key, until: before.until, count: before.count + 1, isCounted: before.count < most };
    },

    async takeBackTries({ key, until, count }) {
      await loginTries.updateOne({ _id: key, until }, { $inc: { count: -count } });
    },
  });
}
