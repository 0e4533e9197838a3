import type { Connection } from 'mongoose';
import { moveAuditLog } from './audit/move-audit-log.js';
import { keepMemberships } from './migrate-memberships.js';
import { giveRequestsALife } from './migrations/give-requests-a-life.js';
import { groupQuarantine } from './migrations/group-quarantine.js';
import { keepBareHubspotIds } from './migrations/keep-bare-hubspot-ids.js';
import { noteAgreedAt } from './migrations/note-agreed-at.js';
import { noteSharedKeys } from './migrations/note-shared-keys.js';
import { sealConsents } from './migrations/seal-consents.js';
import { spellAddressesAlike } from './migrations/spell-addresses-alike.js';
import { versionMappings } from './migrations/version-mappings.js';
import { createCollections } from './schemas/create-collections.js';

/** One step from a schema version to the next. It must be safe to run again: a crash may come before its version is written down. */
export interface Migration {
  /** Grows by one. */
  version: number;
  run(connection: Connection): Promise<void>;
  /** Brings what older versions have stored into a new form: a new database has none of it, and its collections are made in their newest form. */
  isForStoredData?: true;
}

/** All of them, in order; what was released is never changed. A new collection or index is a new entry that calls `createCollections` again. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, run: createCollections }, { version: 2, run: keepEvidenceAsText, isForStoredData: true }, { version: 3, run: createCollections }, { version: 4, run: createCollections },
  { version: 5, run: putLiveFirst, isForStoredData: true }, { version: 6, run: createCollections }, { version: 7, run: createCollections },
  { version: 8, run: nameSegmentKinds, isForStoredData: true },
  { version: 9, run: keepMemberships, isForStoredData: true },
  { version: 10, run: markRunsAndHours, isForStoredData: true },
  { version: 11, run: moveAuditLog, isForStoredData: true },
  { version: 12, run: sealConsents, isForStoredData: true },
  { version: 13, run: nameSeparateConsents, isForStoredData: true },
  { version: 14, run: giveRequestsALife, isForStoredData: true },
  { version: 15, run: createCollections },
  { version: 16, run: createCollections },
  // What takes something back is found ahead of a queue, and by its age.
  { version: 17, run: createCollections },
  { version: 18, run: foldConsentsAnew, isForStoredData: true },
  // Callbacks that are due are found by an index.
  { version: 19, run: createCollections },
  { version: 21, run: createCollections },
  // Contacts that are asked to confirm a consent.
  { version: 22, run: createCollections },
  // Erasures of which recipients have to be asked by hand are found by an index.
  { version: 23, run: createCollections },
  // Events and entities of a workspace's own, and the versions of its dictionary.
  { version: 24, run: createCollections },
  { version: 25, run: versionMappings, isForStoredData: true },
  // Tracking plans, and their published versions.
  { version: 26, run: createCollections },
  // Quarantined records by their cause, and the jobs that release them.
  { version: 27, run: groupQuarantine, isForStoredData: true },
  // Links between identities that wait for a decision.
  { version: 28, run: createCollections },
  // What is expected of the data, and what was counted of it.
  { version: 29, run: createCollections },
  // Gates between segments and destinations, and the index of what waits at them.
  { version: 30, run: createCollections },
  // Suggestions that two profiles are one person's, and the runs that look for them.
  { version: 31, run: createCollections },
  // Changes of people for those who follow them.
  { version: 33, run: createCollections },
  // What systems are known to hold, of those that are kept equal.
  { version: 34, run: createCollections },
  // Rules that keep other systems equal, and the index of their deliveries.
  { version: 35, run: createCollections },
  // How soon changes are written.
  { version: 36, run: createCollections },
  // What systems hold against what we hold: reconciles, and what they found.
  { version: 37, run: createCollections },
  // Whether the books of each day close.
  { version: 38, run: createCollections },
  // Stored ids of HubSpot's contacts are bare numbers.
  { version: 39, run: keepBareHubspotIds, isForStoredData: true },
  // What is due at one time is found in its order.
  { version: 40, run: orderDueTogether, isForStoredData: true },
  // Who else is known by a device, and the index of it.
  { version: 41, run: noteSharedKeys, isForStoredData: true },
  // What waits because its flow is paused.
  { version: 42, run: createCollections },
  // Addresses in letters of their country.
  { version: 43, run: spellAddressesAlike, isForStoredData: true },
  { version: 44, run: idsOfConnectionsPerWorkspace, isForStoredData: true },
  // Marks of identities that crowds are known by, and what these have agreed to.
  { version: 45, run: noteAgreedAt, isForStoredData: true },
  // Numbers that were told of groups.
  { version: 46, run: createCollections },
  // Tries of passwords, codes and links.
  { version: 47, run: createCollections },
];

const BATCH = 200;

/** Two workspaces may give their connections the same ids. */
async function idsOfConnectionsPerWorkspace(connection: Connection): Promise<void> {
  await createCollections(connection);
  const connections = connection.getClient().db(connection.name).collection('connections');
  const byId = (await connections.indexes()).find(({ key }) => JSON.stringify(Object.keys(key)) === '["id"]');
  if (byId?.name !== undefined) await connections.dropIndex(byId.name);
}

/** The index of a lane's rows that wait for a time tells apart by age what waits for the same. */
async function orderDueTogether(connection: Connection): Promise<void> {
  await createCollections(connection);
  const deliveries = connection.getClient().db(connection.name).collection('deliveries');
  const byTime = (await deliveries.indexes()).find(({ key }) => JSON.stringify(Object.keys(key)) === '["workspaceId","connectionId","dueAt"]');
  if (byTime?.name !== undefined) await deliveries.dropIndex(byTime.name);
}

/** Static lists: people on one are in an index, and every segment says of what kind it is. */
async function nameSegmentKinds(connection: Connection): Promise<void> {
  await createCollections(connection);
  await connection.getClient().db(connection.name).collection('segments').updateMany({ 'content.kind': { $exists: false } }, { $set: { 'content.kind': 'conditions' } });
}

/** The index of a lane's rows by person takes in all that are pending; a block's content becomes the text that its hash covers, and is found by delivery. */
async function keepEvidenceAsText(connection: Connection): Promise<void> {
  const db = connection.getClient().db(connection.name);
  const byPerson = (await db.collection('deliveries').indexes()).find(({ key }) => JSON.stringify(Object.keys(key)) === '["workspaceId","connectionId","profileId","dueAt"]');
  if (byPerson?.name !== undefined && byPerson.partialFilterExpression?.attempt !== undefined) await db.collection('deliveries').dropIndex(byPerson.name);
  const blocks = db.collection<{ _id: string; evidence: { deliveryId: string }[]; outcomes: { deliveryId: string }[] }>('evidence');
  for (;;) {
    const older = await blocks.find({ evidence: { $exists: true } }, { limit: BATCH }).toArray();
    if (older.length === 0) break;
    await blocks.bulkWrite(older.map(({ _id, evidence, outcomes }) => {
      const deliveryIds = [...new Set([...evidence, ...outcomes].map(({ deliveryId }) => deliveryId))];
      return { updateOne: { filter: { _id }, update: { $set: { content: JSON.stringify({ evidence, outcomes }), deliveryIds }, $unset: { evidence: 1, outcomes: 1 } } } };
    }));
  }
  await createCollections(connection);
}

/** Counts of before there were hours are added up as one; people are marked of whom runs wait. */
async function markRunsAndHours(connection: Connection): Promise<void> {
  await connection.getClient().db(connection.name).collection('stepCounts').updateMany({ hour: { $exists: false } }, { $set: { hour: 0, isOpen: true } });
  await createCollections(connection);
  await markWhoWaits(connection);
}

/** Runs are looked for of people who are marked. */
async function markWhoWaits(connection: Connection): Promise<void> {
  const db = connection.getClient().db(connection.name);
  const waiting = db.collection('runs').aggregate<{ _id: string }>([
    { $match: { dueAt: { $gt: 0 } } }, { $group: { _id: { $concat: ['$workspaceId', '|', '$profileId'] } } },
    // Whoever was merged away since is known by another id.
    { $lookup: { from: 'aliases', localField: '_id', foreignField: '_id', as: 'alias' } },
    { $project: { _id: { $cond: [{ $eq: ['$alias', []] }, '$_id', { $concat: [{ $first: '$alias.workspaceId' }, '|', { $first: '$alias.to' }] }] } } },
  ], { allowDiskUse: true });
  for (let ids: string[] = []; ;) {
    const next = await waiting.next();
    if (next !== null) ids.push(next._id);
    if (ids.length === BATCH || next === null) {
      await db.collection<{ _id: string }>('profiles').updateMany({ _id: { $in: ids } }, { $set: { hasWaitingRuns: true } });
      ids = [];
    }
    if (next === null) break;
  }
}

/** The inbox is ordered by whether it is an import, then by time. */
async function putLiveFirst(connection: Connection): Promise<void> {
  const inbox = connection.getClient().db(connection.name).collection('inbox');
  const byTime = (await inbox.indexes()).find(({ key }) => Object.keys(key)[0] === 'dueAt');
  if (byTime?.name !== undefined) await inbox.dropIndex(byTime.name);
  await inbox.updateMany({ isImport: { $exists: false } }, { $set: { isImport: false } });
  await createCollections(connection);
  await nameRunsByWorkspace(connection);
}

/** A purpose says what needs a consent of its own, whom it may reach and how. What it does not say of before changes nothing. */
async function nameSeparateConsents(connection: Connection): Promise<void> {
  const purposes = connection.getClient().db(connection.name).collection('purposes');
  await purposes.updateMany({ 'content.separateConsent': { $exists: false } }, [
    { $set: {
      'content.separateConsent': { $cond: ['$content.needsSeparateThirdPartyConsent', ['third-party'], []] }, 'content.lawfulBasisIn': { $literal: {} }, 'content.dataCategories': { $literal: [] },
      'content.channels': ['email', 'sms', 'push', 'ads', 'phone'], 'content.recipients': null, 'content.retentionDays': null,
    } },
    { $unset: 'content.needsSeparateThirdPartyConsent' },
  ]);
}

/** Who has a consent state is due at once, and folded again from the ledger by the sweep, with all that follows from it. Within the server: there may be millions. */
async function foldConsentsAnew(connection: Connection): Promise<void> {
  await createCollections(connection);
  const marked = [{ $set: { mustRefold: true, dueAt: 1 } }];
  await connection.getClient().db(connection.name).collection('consentStates').aggregate([
    { $project: { _id: 1 } }, { $merge: { into: 'profiles', on: '_id', whenMatched: marked, whenNotMatched: 'discard' } },
  ]).toArray();
}

/** The ids of runs that wait begin with their workspace, as every other id does. */
async function nameRunsByWorkspace(connection: Connection): Promise<void> {
  const runs = connection.getClient().db(connection.name).collection<{ _id: string; workspaceId: string }>('runs');
  const isNamed = { $eq: [{ $indexOfCP: ['$_id', { $concat: ['$workspaceId', '|'] }] }, 0] };
  for (;;) {
    const older = await runs.find({ $expr: { $not: [isNamed] } }, { limit: BATCH }).toArray();
    if (older.length === 0) break;
    // After a crash in between, the run is there twice and is written over.
    await runs.bulkWrite(older.flatMap(({ _id, ...run }) => [
      { replaceOne: { filter: { _id: `${run.workspaceId}|${_id}` }, replacement: run, upsert: true } }, { deleteOne: { filter: { _id } } },
    ]));
  }
}
