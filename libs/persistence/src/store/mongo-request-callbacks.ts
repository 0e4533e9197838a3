import type { RequestCallbackStore } from '@firsthand/pipeline';
import type { Collections } from './collections.js';
import { privacyRequestRow } from './mongo-privacy-requests.js';
import { withStoreFailures } from './with-store-failures.js';

/**
 * The callbacks of requests that came over OpenDSR, on MongoDB: they lie in the request's own row, so that a change and what is to be told of it cannot disagree.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const callbacks = createRequestCallbackStore(collections);
 */
export function createRequestCallbackStore({ privacyRequests }: Pick<Collections, 'privacyRequests'>): RequestCallbackStore {
  return withStoreFailures<RequestCallbackStore>({
    async takeDueCallbacks(workspaceId, now, until) {
      const found = await privacyRequests.findOneAndUpdate(
        { workspaceId, 'content.machine.dueAt': { $gt: 0, $lte: now } }, { $set: { 'content.machine.dueAt': until } }, { sort: { 'content.machine.dueAt': 1 }, returnDocument: 'after' },
      );
      return found === null ? undefined : privacyRequestRow(found);
    },

    async settleCallback(requestId, index, from, { told, missed, attempt, since, dueAt }) {
      const at = `content.machine.callbacks.${index}`;
      await privacyRequests.updateOne(
        { _id: requestId, [`${at}.told`]: from.told, [`${at}.attempt`]: from.attempt },
        { $set: { [`${at}.told`]: told, [`${at}.missed`]: missed, [`${at}.attempt`]: attempt, [`${at}.since`]: since, [`${at}.dueAt`]: dueAt } },
      );
    },

    async putOffCallbacks(requestId, from, dueAt) {
      await privacyRequests.updateOne({ _id: requestId, 'content.machine.dueAt': from }, { $set: { 'content.machine.dueAt': dueAt } });
    },
  });
}
