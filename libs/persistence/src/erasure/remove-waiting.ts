import { compileIdentityRules, identitiesIn, identityKey, type IdentitySettings } from '@firsthand/domain';
import { LedgerCounts, quarantinedValues, type InboxRecord } from '@firsthand/pipeline';
import type { StoredConfigured } from '../configuration/configuration-kinds.js';
import { quarantineRow } from '../store/read-rows.js';
import { insertCounts } from '../transaction/insert-counts.js';
import { idsAfter, type RemovalPart, type RemovalScope } from './removal-part.js';

/** A document may be of several MB. */
const DOCUMENTS = 20;
const ROWS = 500;
/** A worker that has a document applies it within moments, and finds the tombstone. */
const WAIT_MS = 1_000;

/**
 * Empties the person's records in documents of the inbox that nobody has taken: they are counted as refused when their document is applied. One that somebody is just applying is waited for, for its
 * transaction finds the tombstones.
 */
export async function emptyInbox(scope: RemovalScope): Promise<RemovalPart> {
  const { collections: { inbox }, session, row, subject: { workspaceId }, now } = scope;
  const found = await inbox.find({ _id: idsAfter(workspaceId, row.cursor ?? '') }, { session, sort: { _id: 1 }, limit: DOCUMENTS }).toArray();
  const isAbout = await createTest(scope);
  let emptied = 0;
  let passed = row.cursor ?? '';
  for (const { _id, records, claimedUntil } of found) {
    const own = JSON.parse(records) as InboxRecord[];
    const mine = own.map((record) => isAbout(record));
    const count = mine.filter(Boolean).length;
    if (count > 0 && claimedUntil > now) return { counts: emptied === 0 ? {} : { inbox: emptied }, next: passed, waitMs: WAIT_MS };
    if (count > 0) await inbox.updateOne({ _id }, { $set: { records: JSON.stringify(own.map((record, index) => (mine[index] === true ? emptyRecord(record) : record))) } }, { session });
    emptied += count;
    passed = _id;
  }
  return { counts: emptied === 0 ? {} : { inbox: emptied }, next: found.length < DOCUMENTS ? null : passed };
}

/** Removes quarantined records that hold an identity of the person, under whatever name, as they are or as they were before somebody changed them. From then on they count as refused. */
export async function removeQuarantined(scope: RemovalScope): Promise<RemovalPart> {
  const { collections, session, row, subject: { workspaceId } } = scope;
  const { quarantine } = collections;
  const found = await quarantine.find({ _id: idsAfter(workspaceId, row.cursor ?? '') }, { session, sort: { _id: 1 }, limit: ROWS, projection: { raw: 1, original: 1, edits: 1, connectionId: 1, receivedAt: 1 } }).toArray();
  const isAbout = await createTest(scope);
  const own = found.filter((stored) => isAbout({ raw: quarantinedValues(quarantineRow(stored)), record: null, connectionId: stored.connectionId }));
  if (own.length > 0) {
    await quarantine.deleteMany({ _id: { $in: own.map(({ _id }) => _id) } }, { session });
    await insertCounts({ collections, session }, workspaceId, LedgerCounts.moved(own, 'quarantined', 'refused.erased'));
  }
  return { counts: own.length === 0 ? {} : { quarantine: own.length }, next: found.length < ROWS ? null : (found.at(-1)?._id ?? null) };
}

type Waiting = Pick<InboxRecord, 'raw' | 'record' | 'connectionId'>;

/** Whether a record names the person: by its identities, and by any value of what was sent. Values are read as their connection and the identity settings read them: national phone numbers, ids that count within a scope, other spellings of a mailbox. */
async function createTest({ db, session, subject: { workspaceId, identityKeys } }: RemovalScope): Promise<(record: Waiting) => boolean> {
  const sources = await db.collection<StoredConfigured>('connections').find({ workspaceId, 'content.kind': { $in: ['source', 'both'] } }, { session, projection: { id: 1, 'content.defaultCountry': 1 } }).toArray();
  const countries = new Map(sources.map(({ id, content }) => [id, (content as { defaultCountry?: string | null }).defaultCountry ?? undefined]));
  const workspace = await db.collection<StoredConfigured>('workspaces').findOne({ workspaceId }, { session, projection: { 'content.identitySettings': 1 } });
  const settings = (workspace?.content as { identitySettings?: IdentitySettings } | undefined)?.identitySettings;
  const rules = settings === undefined ? undefined : compileIdentityRules(settings);
  return ({ raw, record, connectionId }) => {
    if (record !== null && record.identities.some((identity) => identityKeys.includes(identityKey(identity)))) return true;
    const country = countries.get(connectionId);
    const named = identitiesIn(raw, country === undefined ? {} : { defaultCountry: country }, rules?.readerOf(connectionId));
    return identityKeys.some((key) => named.has(key));
  };
}

/** What is left of a record: that it came, and that it was refused. */
function emptyRecord({ connectionId, receivedAt, mappingVersion, isVerified, isImport }: InboxRecord): InboxRecord {
  return { connectionId, receivedAt, mappingVersion, isVerified, isImport, raw: null, record: null, refusal: 'erased', fault: null };
}
