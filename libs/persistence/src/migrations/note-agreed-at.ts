import type { Connection } from 'mongoose';
import { createCollections } from '../schemas/create-collections.js';

/** Identities that several people are known by say until when any of them may have agreed to anything: until now. Within the server: there may be millions. */
export async function noteAgreedAt(connection: Connection): Promise<void> {
  await createCollections(connection);
  await connection.getClient().db(connection.name).collection('profiles').aggregate([
    { $match: { sharedKeys: { $exists: true } } }, { $project: { workspaceId: 1, sharedKeys: 1 } }, { $unwind: '$sharedKeys' },
    { $group: { _id: { $concat: ['$workspaceId', '|', '$sharedKeys'] } } },
    { $merge: { into: 'identities', on: '_id', whenMatched: [{ $set: { 'agreedAt.all': { $toDouble: { $toLong: '$$NOW' } } } }], whenNotMatched: 'discard' } },
  ], { allowDiskUse: true }).toArray();
}
