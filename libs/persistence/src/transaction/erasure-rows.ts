import { isSameJson, leaveOutIdentities } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import { PERSON_DATA } from '../person-data/person-data.js';
import { erasureRow } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { Stored } from '../store/stored-rows.js';
import type { TransactionScope } from './transaction-scope.js';

type ErasureRows = Pick<StoreTransaction, 'insertTombstones' | 'widenTombstone' | 'findIdentityKeys' | 'removePeople' | 'maskDisowned' | 'findCopies' | 'writeCopies' | 'stripAsked' | 'endPersonExports' | 'findErasure' | 'insertErasure' | 'findErased'>;

/** By what a person is looked up, joined with others, or acted for: gone with the first step. */
const LOOKED_UP_BY = ['profiles', 'identities', 'aliases', 'identityLinks', 'consentStates', 'runs', 'flowEntries', 'contacts'] as const;

/** The erasure of people: tombstones, the row that workers go on with, and what goes at once. */
export function erasureRows({ db, collections: { erasures, identities, merges, personExportChunks, personExports, privacyRequests, profiles, tombstones }, session, read }: TransactionScope): ErasureRows {
  const insertTombstones: ErasureRows['insertTombstones'] = async (workspaceId, digests, keyId, at) => {
    if (digests.length === 0) return;
    await tombstones.bulkWrite([...new Set(digests)].map((digest) => (
      { updateOne: { filter: { _id: storeKey(workspaceId, digest) }, update: { $setOnInsert: { schemaVersion: 1, workspaceId, keyId, createdAt: at } }, upsert: true } })), { session, ordered: false });
  };
  return {
    insertTombstones,

    async widenTombstone(workspaceId, digests, along, at) {
      const stone = await tombstones.findOne({ _id: { $in: digests.map((digest) => storeKey(workspaceId, digest)) } }, { ...read, projection: { keyId: 1 } });
      if (stone === null || along.length === 0) return;
      await insertTombstones(workspaceId, along, stone.keyId, at);
      await tombstones.updateOne({ _id: stone._id }, { $addToSet: { along: { $each: [...along] } } }, { session });
    },

    async findIdentityKeys(workspaceId, profileIds) {
      if (profileIds.length === 0) return [];
      const found = await identities.find({ workspaceId, profileId: { $in: [...profileIds] } }, { ...read, projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id.slice(workspaceId.length + 1));
    },

    async removePeople(workspaceId, profileIds, identityKeys = []) {
      const counts: Record<string, number> = {};
      if (profileIds.length + identityKeys.length === 0) return counts;
      for (const name of LOOKED_UP_BY) {
        const place = PERSON_DATA[name];
        if (place?.holds !== 'person' || place.rows === null) continue;
        const { deletedCount } = await db.collection<Stored & Record<string, unknown>>(name).deleteMany(place.rows({ workspaceId, profileIds, identityKeys }), { session });
        if (deletedCount > 0) counts[name] = deletedCount;
      }
      // Whoever goes through a crowd goes on with the first who came when they did.
      await identities.updateMany({ dueAt: { $gt: 0 }, workspaceId, 'refoldAfter.profileId': { $in: [...profileIds] } }, { $set: { 'refoldAfter.profileId': '' } }, { session });
      return counts;
    },

    async maskDisowned(workspaceId, masks) {
      const found = await profiles.find({ workspaceId, disowned: { $in: [...masks.keys()] } }, { ...read, projection: { profileId: 1, mergedFrom: 1, disowned: 1 } }).toArray();
      if (found.length > 0) await profiles.bulkWrite(found.map(({ _id, disowned = [] }) => ({ updateOne: { filter: { _id }, update: { $set: { disowned: disowned.map((key) => masks.get(key) ?? key) } } } })), { session, ordered: false });
      return found.flatMap(({ profileId, mergedFrom }) => [profileId, ...mergedFrom]);
    },

    async findCopies(workspaceId, profileIds) {
      if (profileIds.length === 0) return [];
      const ids = { $in: [...profileIds] };
      const found = await merges.find({ workspaceId, $or: [{ winner: ids }, { loser: ids }] }, { ...read, projection: { loser: 1, before: 1, movedKey: 1 } }).toArray();
      return found.map(({ _id, loser, movedKey, before }) => ({ copyId: _id, loser, ...(movedKey === undefined ? {} : { movedKey }), before }));
    },

    async writeCopies(workspaceId, copies) {
      if (copies.length === 0) return;
      await merges.bulkWrite(copies.map(({ copyId, loser: _, ...copy }) => ({ updateOne: { filter: { _id: ownKey(workspaceId, copyId) }, update: { $set: copy } } })), { session, ordered: false });
    },

    async stripAsked(workspaceId, profileIds, identityKeys) {
      const keys = new Set(identityKeys);
      const found = await privacyRequests.find({ workspaceId, 'content.profileId': { $in: [...profileIds] } }, { ...read, projection: { 'content.details': 1 } }).toArray();
      for (const { _id, content: { details } } of found) {
        const left = details === null ? null : leaveOutIdentities(details, keys);
        if (!isSameJson(left, details)) await privacyRequests.updateOne({ _id }, { $set: { 'content.details': left }, $inc: { version: 1 } }, { session });
      }
    },

    async endPersonExports(workspaceId, profileIds) {
      const theirs = { workspaceId, profileId: { $in: [...profileIds] } };
      // A worker that makes one at this moment can write no more of it.
      await personExports.updateMany({ ...theirs, $or: [{ state: 'pending' }, { files: { $elemMatch: { fetchedAt: null } } }] }, { $set: { state: 'failed', dueAt: null, files: [], linkHash: null }, $inc: { fence: 1 } }, { session });
      await personExportChunks.deleteMany(theirs, { session });
    },

    async findErasure(erasureId) {
      const found = await erasures.findOne({ _id: erasureId }, read);
      return found === null ? undefined : erasureRow(found);
    },

    async insertErasure({ erasureId, ...row }) {
      await erasures.insertOne({ _id: ownKey(row.workspaceId, erasureId), schemaVersion: 1, ...row, holder: null, until: 0, fence: 0 }, { session });
    },

    async findErased(workspaceId, profileIds) {
      if (profileIds.length === 0) return [];
      const found = await erasures.find({ workspaceId, profileIds: { $in: [...profileIds] } }, { ...read, projection: { people: 1 } }).toArray();
      return found.flatMap(({ people }) => people);
    },
  };
}
