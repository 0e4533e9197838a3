import { memberKey, type JsonObject } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import { audienceMemberRow, compareRow } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';

type AudienceRows = Pick<StoreTransaction, 'findAudienceMembers' | 'findAudienceMembersByKey' | 'findAudienceNames' | 'writeAudienceMembers' | 'meetAudienceMembers' | 'findCompare' | 'writeCompare'>;

/** What recipients have confirmed of who is in their audiences. */
export function audienceRows({ collections: { audienceMembers, audienceCompares }, session, read }: Pick<TransactionScope, 'collections' | 'session' | 'read'>): AudienceRows {
  return {
    async findAudienceMembers(workspaceId, profileIds, connectionId) {
      if (profileIds.length === 0) return [];
      const filter = { workspaceId, profileId: { $in: [...profileIds] }, ...(connectionId === undefined ? {} : { connectionId }) };
      return (await audienceMembers.find(filter, read).toArray()).map(audienceMemberRow);
    },

    async findAudienceMembersByKey({ workspaceId, connectionId, action }, keys) {
      if (keys.length === 0) return [];
      return (await audienceMembers.find({ workspaceId, connectionId, keys: { $in: [...keys] }, action }, read).toArray()).map(audienceMemberRow);
    },

    async findAudienceNames({ workspaceId, connectionId, action }, names) {
      const prefix = storeKey(workspaceId, connectionId, action);
      const named = Object.fromEntries(names.map((name) => [name, `$sets.identifiers.${name}`]));
      const found = await audienceMembers.aggregate<{ _id: JsonObject }>([
        { $match: { _id: { $gte: `${prefix}|`, $lt: `${prefix}}` } } }, { $unwind: '$sets' }, { $group: { _id: named } }, { $sort: { _id: 1 } },
      ], read).toArray();
      return found.map(({ _id }) => _id);
    },

    async writeAudienceMembers(rows) {
      if (rows.length === 0) return;
      await audienceMembers.bulkWrite(rows.map(({ workspaceId, connectionId, action, profileId, sets }) => ({
        replaceOne: { filter: { _id: storeKey(workspaceId, connectionId, action, profileId) }, replacement: { schemaVersion: 1, workspaceId, connectionId, action, profileId, sets: [...sets], keys: sets.map(({ identifiers }) => memberKey(identifiers)) }, upsert: true },
      })), { session, ordered: false });
    },

    async meetAudienceMembers(rows) {
      if (rows.length === 0) return;
      const filter = { _id: { $in: rows.map(({ workspaceId, connectionId, action, profileId }) => storeKey(workspaceId, connectionId, action, profileId)) } };
      await audienceMembers.updateMany(filter, { $set: { isMet: true } }, { session });
      await audienceMembers.updateMany(filter, { $unset: { isMet: 1 } }, { session });
    },

    async findCompare(compareId) {
      const found = await audienceCompares.findOne({ _id: compareId }, read);
      return found === null ? undefined : compareRow(found);
    },

    async writeCompare({ compareId, ...row }) {
      const _id = ownKey(row.workspaceId, compareId);
      await audienceCompares.replaceOne({ _id }, { schemaVersion: 1, ...row }, { session, upsert: true });
    },
  };
}
