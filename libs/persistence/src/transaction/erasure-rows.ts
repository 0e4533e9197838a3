import { forgetIdentity, type Profile } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import { PERSON_DATA } from '../person-data/person-data.js';
import { erasureRow } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { Stored } from '../store/stored-rows.js';
import type { TransactionScope } from './transaction-scope.js';

type ErasureRows = Pick<StoreTransaction, 'insertTombstones' | 'findIdentityKeys' | 'removePeople' | 'maskDisowned' | 'findErasure' | 'insertErasure' | 'findErased'>;

/** By what a person is looked up, or acted for: gone with the first step. */
const LOOKED_UP_BY = ['profiles', 'identities', 'aliases', 'consentStates', 'runs', 'flowEntries', 'contacts'] as const;

/** The erasure of people: tombstones, the row that workers go on with, and what goes at once. */
export function erasureRows({ db, collections: { erasures, identities, merges, profiles, tombstones }, session, read }: TransactionScope): ErasureRows {
  return {
    async insertTombstones(workspaceId, digests, keyId, at) {
      if (digests.length === 0) return;
      await tombstones.bulkWrite([...new Set(digests)].map((digest) => (
        { updateOne: { filter: { _id: storeKey(workspaceId, digest) }, update: { $setOnInsert: { schemaVersion: 1, workspaceId, keyId, createdAt: at } }, upsert: true } })), { session, ordered: false });
    },

    async findIdentityKeys(workspaceId, profileIds) {
      if (profileIds.length === 0) return [];
      const found = await identities.find({ workspaceId, profileId: { $in: [...profileIds] } }, { ...read, projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id.slice(workspaceId.length + 1));
    },

    async removePeople(workspaceId, profileIds) {
      const counts: Record<string, number> = {};
      if (profileIds.length === 0) return counts;
      for (const name of LOOKED_UP_BY) {
        const place = PERSON_DATA[name];
        if (place?.holds !== 'person' || place.rows === null) continue;
        const { deletedCount } = await db.collection<Stored & Record<string, unknown>>(name).deleteMany(place.rows({ workspaceId, profileIds, identityKeys: [] }), { session });
        if (deletedCount > 0) counts[name] = deletedCount;
      }
      return counts;
    },

    async maskDisowned(workspaceId, masks) {
      const found = await profiles.find({ workspaceId, disowned: { $in: [...masks.keys()] } }, { ...read, projection: { profileId: 1, mergedFrom: 1, disowned: 1 } }).toArray();
      if (found.length === 0) return;
      await profiles.bulkWrite(found.map(({ _id, disowned = [] }) => ({ updateOne: { filter: { _id }, update: { $set: { disowned: disowned.map((key) => masks.get(key) ?? key) } } } })), { session, ordered: false });
      const ids = found.flatMap(({ profileId, mergedFrom }) => [profileId, ...mergedFrom]);
      const copies = await merges.find({ workspaceId, $or: [{ winner: { $in: ids } }, { loser: { $in: ids } }] }, { ...read, projection: { before: 1, movedKey: 1 } }).toArray();
      if (copies.length === 0) return;
      const masked = (profile: Profile): Profile => {
        for (const key of masks.keys()) forgetIdentity(profile, key);
        return profile.disowned === undefined ? profile : { ...profile, disowned: profile.disowned.map((key) => masks.get(key) ?? key) };
      };
      await merges.bulkWrite(copies.map(({ _id, movedKey, before: { winner, loser } }) => (
        { updateOne: { filter: { _id }, update: { $set: { before: { ...(winner === undefined ? {} : { winner: masked(winner) }), loser: masked(loser) }, ...(movedKey === undefined ? {} : { movedKey: masks.get(movedKey) ?? movedKey }) } } } })), { session, ordered: false });
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
