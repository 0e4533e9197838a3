import { identitiesOf } from '../person-data/data-subject.js';
import { emptyRaws } from '../store/read-raw-records.js';
import type { StoredEvent } from '../store/stored-rows.js';
import { holdBack } from './hold-back.js';
import { idsAfter, type RemovalPart, type RemovalScope } from './removal-part.js';

const BATCH = 500;
/** Events looked at in one part for identities of the person: a range of keys, read once. */
const RANGE = 5_000;

/** Removes the person's events with their raw records; what a hold keeps is copied without whose it was. */
export async function removeEvents(scope: RemovalScope): Promise<RemovalPart> {
  const { collections: { events }, session, subject: { workspaceId, profileIds } } = scope;
  const found = await events.find({ workspaceId, profileId: { $in: [...profileIds] } }, { session, limit: BATCH }).toArray();
  const held = await holdBack(scope, { workspaceId, pseudonym: scope.row.erasureId }, found);
  const counts = await removeAll(scope, found);
  return { counts, held, next: found.length < BATCH ? null : '' };
}

/**
 * Removes events of others that name an identity of the person: a device that claimed it, as a public key lets anyone do. No index leads to them, so all events are gone through, a range of keys at a
 * time. What a hold keeps of them is kept as of one's own.
 */
export async function removeNamedEvents(scope: RemovalScope): Promise<RemovalPart> {
  const { collections: { events }, session, row, subject } = scope;
  const range = idsAfter(subject.workspaceId, row.cursor ?? '');
  const last = await events.find({ _id: range }, { session, projection: { _id: 1 }, sort: { _id: 1 }, skip: RANGE - 1, limit: 1 }).toArray();
  const upTo = last[0]?._id;
  const within = upTo === undefined ? range : { $gt: range.$gt, $lte: upTo };
  const found = await events.find({ _id: within, 'record.identities': { $in: identitiesOf(subject) } }, { session }).toArray();
  const held = await holdBack(scope, { workspaceId: subject.workspaceId, pseudonym: row.erasureId }, found);
  return { counts: await removeAll(scope, found), held, next: upTo ?? null };
}

async function removeAll({ collections, session }: RemovalScope, found: readonly StoredEvent[]): Promise<Record<string, number>> {
  if (found.length === 0) return {};
  const rawRecords = await emptyRaws(collections, found, session);
  const { deletedCount } = await collections.events.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } }, { session });
  return { events: deletedCount, ...(rawRecords === 0 ? {} : { rawRecords }) };
}
