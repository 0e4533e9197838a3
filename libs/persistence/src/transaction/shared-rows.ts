import { FirsthandError } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import { storeKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';

type SharedRows = Pick<StoreTransaction, 'markShared' | 'findMarked' | 'handOnMark' | 'findAgreed' | 'noteAgreed'>;

/** What the rows of identities that several people are known by say of all of them: that something was refused there, and until when any of them has agreed. */
export function sharedRows({ collections: { identities, profiles }, session, read }: TransactionScope): SharedRows {
  return {
    async markShared(workspaceId, identityKey, at) {
      // Who is past the first of them goes through all of them once more.
      const { matchedCount } = await identities.updateOne({ _id: storeKey(workspaceId, identityKey) }, [{ $set: {
        dueAt: { $ifNull: ['$dueAt', at] }, refoldAgain: { $cond: [{ $eq: [{ $type: '$refoldAfter' }, 'missing'] }, '$$REMOVE', true] }, shares: { $add: [{ $ifNull: ['$shares', 0] }, 1] },
      } }], { session });
      if (matchedCount !== 1) throw new FirsthandError('INTERNAL', 'An identity that was to be marked is not there.');
    },

    async findMarked(workspaceId, identityKeys) {
      if (identityKeys.length === 0) return new Set();
      const found = await identities.find({ _id: { $in: identityKeys.map((key) => storeKey(workspaceId, key)) }, dueAt: { $gt: 0 } }, { ...read, projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id.slice(workspaceId.length + 1)));
    },

    async handOnMark(workspaceId, identityKey, limit, now) {
      const _id = storeKey(workspaceId, identityKey);
      const mark = await identities.findOne({ _id, dueAt: { $gt: 0 } }, { ...read, projection: { refoldAfter: 1, refoldAgain: 1 } });
      if (mark === null) return;
      const { refoldAfter: after, refoldAgain = false } = mark;
      const page: { _id: string; profileId: string; createdAt: number }[] = [];
      // Those of one moment by themselves: by one query for both, those before would be gone through again.
      for (const next of after === undefined ? [{}] : [{ createdAt: after.createdAt, profileId: { $gt: after.profileId } }, { createdAt: { $gt: after.createdAt } }]) {
        if (page.length < limit) page.push(...await profiles.find({ workspaceId, sharedKeys: identityKey, ...next }, { ...read, sort: { createdAt: 1, profileId: 1 }, limit: limit - page.length, projection: { profileId: 1, createdAt: 1 } }).toArray());
      }
      await profiles.updateMany({ _id: { $in: page.map((profile) => profile._id) }, mustRefold: { $ne: true } }, { $set: { mustRefold: true, dueAt: now } }, { session });
      const last = page.length === limit ? page.at(-1) : undefined;
      if (last !== undefined) await identities.updateOne({ _id }, { $set: { dueAt: now, refoldAfter: { createdAt: last.createdAt, profileId: last.profileId } } }, { session });
      else if (refoldAgain) await identities.updateOne({ _id }, { $set: { dueAt: now }, $unset: { refoldAfter: '', refoldAgain: '' } }, { session });
      else await identities.updateOne({ _id }, { $unset: { dueAt: '', refoldAfter: '' } }, { session });
    },

    async findAgreed(workspaceId, identityKeys) {
      if (identityKeys.length === 0) return new Map();
      const found = await identities.find({ _id: { $in: identityKeys.map((key) => storeKey(workspaceId, key)) } }, { ...read, projection: { agreedAt: 1 } }).toArray();
      return new Map(found.flatMap(({ _id, agreedAt }) => (agreedAt === undefined ? [] : [[_id.slice(workspaceId.length + 1), agreedAt]])));
    },

    async noteAgreed(workspaceId, agreed) {
      if (agreed.size === 0) return;
      await identities.bulkWrite([...agreed].map(([key, places]) => (
        { updateOne: { filter: { _id: storeKey(workspaceId, key) }, update: { $max: Object.fromEntries(Object.entries(places).map(([place, at]) => [`agreedAt.${place}`, at])) } } })), { session, ordered: false });
    },
  };
}
