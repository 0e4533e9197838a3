import { randomBytes, randomUUID } from 'node:crypto';
import { sealConsent } from '@firsthand/domain';
import type { Connection, mongo } from 'mongoose';
import { createCollections } from '../schemas/create-collections.js';
import { collectionsOf } from '../store/collections.js';
import { consentRecord } from '../store/read-rows.js';
import { storeKey } from '../store/store-key.js';
import type { StoredConsent, StoredUnsealed } from '../store/stored-rows.js';

const BATCH = 500;

/** Seals the consent records of before there were seals, as they are now, and lays people's salts apart from their profiles. */
export async function sealConsents(connection: Connection): Promise<void> {
  await createCollections(connection);
  const { consents, unsealedConsents } = collectionsOf(connection);
  for (;;) {
    const older = await consents.find({ seal: { $exists: false } }, { limit: BATCH }).toArray();
    if (older.length === 0) break;
    await sealBatch(older, consents, unsealedConsents, connection.getClient());
  }
  await moveSalts(connection);
}

/** In one transaction: a crash leaves no record that is sealed and waits for no block. */
async function sealBatch(older: readonly StoredConsent[], consents: mongo.Collection<StoredConsent>, unsealedConsents: mongo.Collection<StoredUnsealed>, client: mongo.MongoClient): Promise<void> {
  const sealed = older.map((stored) => ({ _id: stored._id, record: sealConsent(consentRecord(stored), randomBytes(16).toString('base64url')) }));
  const byWorkspace = new Map<string, StoredUnsealed>();
  for (const { record: { workspaceId, recordId, seal } } of sealed) {
    const row = byWorkspace.get(workspaceId) ?? { _id: storeKey(workspaceId, randomUUID()), schemaVersion: 1, workspaceId, consents: [] };
    row.consents.push({ recordId, hash: seal.hash });
    byWorkspace.set(workspaceId, row);
  }
  await client.withSession((session) => session.withTransaction(async () => {
    await consents.bulkWrite(sealed.map(({ _id, record: { seal } }) => ({ updateOne: { filter: { _id }, update: { $set: { seal } } } })), { session, ordered: false });
    await unsealedConsents.insertMany([...byWorkspace.values()], { session });
  }));
}

/** Within the server: there may be millions. Of those merged away the journal knows the salt. */
async function moveSalts(connection: Connection): Promise<void> {
  const db = connection.getClient().db(connection.name);
  const row = (id: unknown, salt: string) => ({ $project: { _id: id, schemaVersion: { $literal: 1 }, workspaceId: 1, salt } });
  const into = { $merge: { into: 'salts', on: '_id', whenMatched: 'keepExisting', whenNotMatched: 'insert' } };
  await db.collection('profiles').aggregate([{ $match: { salt: { $exists: true } } }, row('$_id', '$salt'), into]).toArray();
  await db.collection('profiles').updateMany({ salt: { $exists: true } }, { $unset: { salt: 1 } });
  for (const side of ['winner', 'loser']) {
    const path = `before.${side}.salt`;
    const id = { $concat: ['$workspaceId', '|', `$before.${side}.profileId`] };
    await db.collection('merges').aggregate([{ $match: { [path]: { $exists: true } } }, row(id, `$${path}`), { $group: { _id: '$_id', row: { $first: '$$ROOT' } } }, { $replaceRoot: { newRoot: '$row' } }, into]).toArray();
    await db.collection('merges').updateMany({ [path]: { $exists: true } }, { $unset: { [path]: 1 } });
  }
}
