import type { Connection } from 'mongoose';
import { createCollections } from '../schemas/create-collections.js';

/** Profiles say which of their identities were somebody else's first. Within the server: there may be millions. */
export async function noteSharedKeys(connection: Connection): Promise<void> {
  await createCollections(connection);
  const key = { $concat: ['$identities.namespace', '|', '$identities.value'] };
  await connection.getClient().db(connection.name).collection('profiles').aggregate([
    { $project: { workspaceId: 1, identities: 1, own: { $concatArrays: [['$profileId'], '$mergedFrom'] } } },
    { $unwind: '$identities' },
    { $project: { own: 1, key, row: { $concat: ['$workspaceId', '|', key] } } },
    { $lookup: { from: 'identities', localField: 'row', foreignField: '_id', as: 'row' } },
    { $unwind: '$row' },
    { $match: { $expr: { $not: [{ $in: ['$row.profileId', '$own'] }] } } },
    { $group: { _id: '$_id', sharedKeys: { $addToSet: '$key' } } },
    { $merge: { into: 'profiles', on: '_id', whenMatched: 'merge', whenNotMatched: 'discard' } },
  ], { allowDiskUse: true }).toArray();
}
