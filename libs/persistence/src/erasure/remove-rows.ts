import type { mongo } from 'mongoose';
import { stripChanges } from '../changes/strip-changes.js';
import { identitiesOf } from '../person-data/data-subject.js';
import { PERSON_DATA, type RowsFilter } from '../person-data/person-data.js';
import type { Stored, StoredChange, StoredPrivacyRequest } from '../store/stored-rows.js';
import type { RemovalPart, RemovalScope } from './removal-part.js';

const BATCH = 1_000;
/** Each may have a block of hundreds of people, which is written anew. */
const CHANGES_BATCH = 50;

/** By what recipients are told: it goes when they have been. */
const TOLD_BY: ReadonlySet<string> = new Set(['disclosures', 'audienceMembers']);
/** These have a step of their own. */
const APART: ReadonlySet<string> = new Set(['events', 'quarantine']);

/** The collections whose rows of a person go as a whole, by the table of where a person is. */
const WHOLE = Object.entries(PERSON_DATA).flatMap(([name, place]) => (place.holds === 'person' && place.erasure === 'deleted' && place.rows !== null && !TOLD_BY.has(name) && !APART.has(name) ? [{ name, rows: place.rows }] : []));

/** Removes rows, a batch of one collection at a time. */
export async function removeRows(scope: RemovalScope): Promise<RemovalPart> {
  const { db, session, row, subject } = scope;
  const at = Math.max(0, WHOLE.findIndex(({ name }) => name === row.cursor));
  const place = WHOLE[at];
  if (place === undefined) return { next: null };
  if (place.name === 'changes') return removeChanges(scope, place.rows(subject), WHOLE[at + 1]?.name ?? null);
  const filter = place.name === 'deliveries' ? endedData(place.rows(subject)) : place.rows(subject);
  const { count, isAll } = await removeSome(db.collection<Stored & Record<string, unknown>>(place.name), filter, session);
  return { counts: count === 0 ? {} : { [place.name]: count }, next: isAll ? (WHOLE[at + 1]?.name ?? null) : place.name };
}

/** The rows are what leads to the changes that are told to others: both go in one transaction. */
async function removeChanges(scope: RemovalScope, filter: RowsFilter, after: string | null): Promise<RemovalPart> {
  const { collections: { changes }, session } = scope;
  const found = await changes.find(filter as mongo.Filter<StoredChange>, { session, limit: CHANGES_BATCH, projection: { blockId: 1 } }).toArray();
  if (found.length === 0) return { next: after };
  await stripChanges(scope, [...new Set(found.flatMap(({ blockId }) => blockId ?? []))]);
  const { deletedCount } = await changes.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } }, { session });
  return { counts: { changes: deletedCount }, next: found.length < CHANGES_BATCH ? after : 'changes' };
}

/** What is pending is cancelled by its lane first, and what tells recipients is needed until they are told. */
function endedData(filter: RowsFilter): RowsFilter {
  return { ...filter, state: { $ne: 'pending' }, cause: { $ne: 'erased' } };
}

async function removeSome(collection: mongo.Collection<Stored & Record<string, unknown>>, filter: RowsFilter, session: mongo.ClientSession): Promise<{ count: number; isAll: boolean }> {
  const found = await collection.find(filter, { session, limit: BATCH, projection: { _id: 1 } }).toArray();
  if (found.length === 0) return { count: 0, isAll: true };
  const { deletedCount } = await collection.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } }, { session });
  return { count: deletedCount, isAll: found.length < BATCH };
}

/**
 * Takes who decided out of the person's consent records, with the nonces that could prove a guess: what was decided, when and on which text stays as proof, under its commitment, and the chain goes on to
 * verify (GDPR art. 7(1), 17(3)(e)). The one place that changes a record of the ledger.
 */
export async function stripConsents({ collections: { consents }, session, subject: { workspaceId, identityKeys } }: RemovalScope): Promise<RemovalPart> {
  const found = await consents.find({ workspaceId, identityKey: { $in: [...identityKeys] } }, { session, limit: BATCH, projection: { _id: 1 } }).toArray();
  if (found.length > 0) await consents.updateMany({ _id: { $in: found.map(({ _id }) => _id) } }, { $unset: { identityKey: 1, 'seal.nonce': 1 } }, { session });
  return { counts: found.length === 0 ? {} : { consents: found.length }, next: found.length < BATCH ? null : '' };
}

/** Takes the person out of what they asked for, with their words and what they said is right; that they asked, and when, stays. Somebody else's request that named them goes on without. */
export async function stripRequests({ collections: { privacyRequests }, session, subject }: RemovalScope): Promise<RemovalPart> {
  const place = PERSON_DATA.privacyRequests;
  if (place?.holds !== 'person' || place.rows === null) return { next: null };
  const theirs = place.rows(subject) as mongo.Filter<StoredPrivacyRequest>;
  const { modifiedCount } = await privacyRequests.updateMany({ ...theirs, 'content.profileId': { $in: [...subject.profileIds, null] } }, { $set: { 'content.identities': [], 'content.profileId': null, 'content.details': null }, $inc: { version: 1 } }, { session });
  const { modifiedCount: others } = await privacyRequests.updateMany(theirs, { $pull: { 'content.identities': { $in: identitiesOf(subject) } }, $inc: { version: 1 } }, { session });
  return { counts: modifiedCount + others === 0 ? {} : { privacyRequests: modifiedCount + others }, next: null };
}

/** What a delivery leaves behind that was on its way when the rest of the person went: its own row, and the note that a message has arrived. */
const LEFT_BY_SENDS = ['deliveries', 'contacts'];

/** Removes what recipients were told by, the deliveries that told them, and what sends have left that came back since. */
export async function removeTold({ db, session, subject }: Pick<RemovalScope, 'db' | 'session' | 'subject'>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of [...TOLD_BY, ...LEFT_BY_SENDS]) {
    const place = PERSON_DATA[name];
    if (place?.holds !== 'person' || place.rows === null) continue;
    const filter = name === 'deliveries' ? { ...place.rows(subject), state: { $ne: 'pending' } } : place.rows(subject);
    const { deletedCount } = await db.collection<Stored & Record<string, unknown>>(name).deleteMany(filter, { session });
    if (deletedCount > 0) counts[name] = deletedCount;
  }
  return counts;
}
