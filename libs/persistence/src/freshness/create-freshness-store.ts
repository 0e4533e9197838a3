import type { FreshnessStore } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';
import { collectionsOf } from '../store/collections.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { runTransaction } from '../transaction/run-transaction.js';
import { compactFreshness, freshnessKey, openOf, SPANS } from './compact-freshness.js';

/**
 * How soon destinations have what sources say, on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example await createFreshnessStore(connection).read('main', { every: 'hour', from, to });
 */
export function createFreshnessStore(connection: Connection): FreshnessStore {
  const client = connection.getClient();
  const collections = collectionsOf(connection);
  return withStoreFailures<FreshnessStore>({
    async compact(workspaceId) {
      // Mostly there is nothing to do, and no transaction for it.
      if ((await collections.freshnessCounts.findOne(openOf(workspaceId), { projection: { _id: 1 } })) === null) return 0;
      return runTransaction(client, (session) => compactFreshness(collections, session, workspaceId));
    },

    async read(workspaceId, { every, from, to, source, destination }) {
      const ids = { $gte: freshnessKey(workspaceId, every, from), $lt: freshnessKey(workspaceId, every, to + SPANS[every].rowMs - 1) };
      const rows = await collections.freshness.find({ _id: ids, ...(source === undefined ? {} : { source }), ...(destination === undefined ? {} : { destination }) }).toArray();
      return rows.flatMap(({ source: by, destination: at, parts }) => parts.filter((part) => part.at >= from && part.at < to).map((part) => ({ source: by, destination: at, ...part })));
    },
  });
}
