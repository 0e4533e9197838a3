import { correctFields, fieldOf, FirsthandError, identityInField, identityKey, isRefusal, keySpellings, parseIdentityKey, RECIPIENT_KINDS, RECTIFICATION, stableId, unionIdentities, type ConsentActor, type Correction, type ConsentRecord, type Identity, type JsonValue, type Profile } from '@firsthand/domain';
import { causeOf, type ChangeCause } from '../changes/change-cause.js';
import { foldIntoPerson } from '../consent/fold-into-person.js';
import { proveIdentities } from '../consent/prove-identities.js';
import type { RecordConsentsOptions } from '../consent/record-consents.js';
import { sealed } from '../consent/sealed.js';
import { findErasedKeys } from '../erasure/find-erased-keys.js';
import type { Occurrence } from '../flow/occurrence.js';
import { loadPeople } from '../person/load-people.js';
import { LedgerCounts, newWorkOutput, nextVersion, noteFold, type PersonWork } from '../person/person-work.js';
import { releaseIdentities } from '../person/release-identities.js';
import { writePeople } from '../person/write-people.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { EventRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { readCorrection, type CorrectionOrder, type ReadCorrection } from './correction-order.js';

/** A correction of one person, and who brought it. */
export interface PersonCorrection extends CorrectionOrder {
  workspaceId: string;
  profileId: string;
  /** Makes a repeat the same correction: of a privacy request its id. */
  correctionId: string;
  by: Correction['by'];
  /** Of the account or key that vouches for it; null for none. */
  actorId: string | null;
}

/** What was corrected, without any value. */
export interface CorrectedPerson {
  profileId: string;
  /** Dictionary paths, `identities.email` for identities. */
  fields: string[];
  /** Who had got any of these fields: flows that send updates tell them (GDPR art. 19), the others are to be told by hand. */
  recipients: { connectionId: string; action: string }[];
}

/**
 * Corrects a person (GDPR art. 16, PIPL art. 46) in one transaction, as a record of its own source: the values hold against all that was said before and comes later, segments and flows go on from them as from any change. An
 * identity that was wrong is taken from the person; it and what was agreed to under it are nobody's known, what was refused under it holds for both, and is recorded for the person once more under an identity of theirs, so that it stays when the other is erased; what comes with it from now on is not the person's. One that is right is taken
 * as proven: who corrects it vouches for it.
 *
 * @throws FirsthandError `NOT_FOUND`, `NOT_CORRECTABLE`, `INVALID_REQUEST`, `IDENTITY_TAKEN` for an identity of somebody else, `PERSON_ERASED`, `UNAVAILABLE`
 * @example await correctPerson({ workspaceId, profileId, correctionId, fields: { 'profile.city': 'Hangzhou' }, identities: [], reason: 'outdated', by: 'user', actorId }, options);
 */
export async function correctPerson(correction: PersonCorrection, options: RecordConsentsOptions): Promise<CorrectedPerson> {
  const { workspaceId, profileId, correctionId } = correction;
  const { store, doorbell, clock } = options;
  const { corrected, lanes } = await store.transaction(async (tx) => {
    const now = clock();
    const configuration = options.configuration.workspace(workspaceId);
    const person = (await loadPeople(tx, configuration, [profileId], now)).get(profileId);
    if (person === undefined) throw new FirsthandError('NOT_FOUND');
    const eventId = `${workspaceId}|${stableId(workspaceId, RECTIFICATION, correctionId)}`;
    const made = (await tx.findEvents([eventId])).get(eventId);
    if (made !== undefined) return { corrected: await toldOf(tx, correction, person, Object.keys(made.record.profile)), lanes: [] };
    const read = readCorrection(correction, { identities: person.profile.identities, configuration, messageId: correctionId, now });
    await checkOwners(tx, read, person.profile, options);

    const fields = { ...heldByIdentities(correction, person.profile, configuration), ...read.record.profile };
    const corrected = await toldOf(tx, correction, person, Object.keys(fields));
    const { strangers, records } = await takeAway(tx, person, read, { eventId, now, correction, newId: options.newId });
    await giveTo(tx, person, read.added, now);
    const changedFields = correctFields(person.profile, fields, { correction: { by: correction.by, reason: correction.reason }, origin: correctionId, version: nextVersion(person), now });
    const cause = broughtBy(correction);
    noteFold(person, { changedFields, activityKeys: [], addedIdentities: read.added }, cause);
    Object.assign(person, { isTouched: true, touchedBy: 'live' });

    const record = { ...read.record, profile: fields, properties: { correction: correction.reason } };
    const event: EventRow = { eventId, workspaceId, connectionId: RECTIFICATION, profileId: person.profile.profileId, receivedAt: now, record, raw: null, mappingVersion: 0 };
    const occurrences: Occurrence[] = [{ person, occurrenceId: eventId, trigger: { kind: 'event', record, isHistorical: false }, event }];
    if (changedFields.length > 0) occurrences.push({ person, occurrenceId: nextVersion(person), trigger: { kind: 'profile', changedFields, isHistorical: false }, event });
    const output = newWorkOutput();
    output.events.push(event);
    return { corrected, lanes: await writePeople(tx, { configuration, people: [person, ...strangers], occurrences, consentRecords: records, output, counts: new LedgerCounts(), now, cause }) };
  });
  for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  return corrected;
}

async function toldOf(tx: StoreTransaction, { workspaceId, identities }: PersonCorrection, { profile: { profileId, mergedFrom } }: PersonWork, fields: readonly string[]): Promise<CorrectedPerson> {
  const paths = [...new Set([...fields.map((field) => `profile.${field}`), ...identities.map(({ namespace }) => `identities.${namespace}`)])].sort();
  const disclosures = await tx.findDisclosures(workspaceId, [profileId, ...mergedFrom]);
  const recipients = new Map(disclosures.filter((row) => row.fields.some((field) => paths.includes(field))).map(({ connectionId, action }) => [`${connectionId}|${action}`, { connectionId, action }]));
  return { profileId, fields: paths, recipients: [...recipients.values()] };
}

/** Nobody becomes one with somebody else by a correction. */
async function checkOwners(tx: StoreTransaction, { added }: ReadCorrection, { workspaceId, profileId }: Profile, { tombstones }: RecordConsentsOptions): Promise<void> {
  const keys = added.map(identityKey);
  if (tombstones !== undefined && (await findErasedKeys(tx, workspaceId, keys, (key) => tombstones.digest(workspaceId, key))).size > 0) throw new FirsthandError('PERSON_ERASED');
  const owners = await tx.findIdentities(workspaceId, keys);
  const people = await tx.findProfiles(workspaceId, [...owners.values()]);
  const isTaken = [...owners.values()].some((owner) => (people.get(owner)?.profileId ?? owner) !== profileId);
  if (isTaken) throw new FirsthandError('IDENTITY_TAKEN');
}

/** A field that holds the wrong identity, or none, holds the right one from now on: the address of an email is that of the profile. */
function heldByIdentities({ identities }: CorrectionOrder, profile: Profile, { dictionary }: WorkspaceConfiguration): Record<string, JsonValue> {
  const valueOf = (namespace: string, value: string | null): string | null => (value === null ? null : (identityInField(namespace, value)?.value ?? null));
  return Object.fromEntries(identities.flatMap(({ namespace, from, to }): [string, JsonValue][] => {
    if (dictionary.field(`profile.${namespace}`) === undefined) return [];
    const stored = fieldOf(profile, namespace)?.value ?? null;
    const held = identityInField(namespace, stored)?.value;
    const isHeld = stored === null ? to !== null : from !== null && held === valueOf(namespace, from);
    return isHeld ? [[namespace, valueOf(namespace, to)]] : [];
  }));
}

/**
 * Takes identities from a person. A grant that was recorded under one may have been either's, so it counts for neither; what others are known by as well is theirs. What the person got only by such a grant is taken back.
 */
async function takeAway(tx: StoreTransaction, person: PersonWork, { gone, added }: ReadCorrection, given: { eventId: string; now: number; correction: PersonCorrection; newId(): string }): Promise<{ strangers: PersonWork[]; records: ConsentRecord[] }> {
  const { strangers, refusals } = await releaseIdentities(tx, person, { gone, added, actor: actorOf(given.correction), cause: broughtBy(given.correction), causeEventId: given.eventId, now: given.now, newId: given.newId });
  const records = strangers.flatMap(({ to, key }) => withdrawals(to, key, given));
  for (const { key, to } of strangers) for (const record of records) if (record.identityKey === key) foldIntoPerson(to, record);
  return { strangers: strangers.map(({ to }) => to), records: [...refusals, ...records] };
}

function broughtBy({ by }: PersonCorrection): ChangeCause {
  return causeOf(by === 'person' ? 'person' : 'admin');
}

function actorOf({ actorId }: PersonCorrection): ConsentActor {
  return { kind: 'admin', ...(actorId === null ? {} : { id: actorId }) };
}

/** One for each purpose that was agreed to under the identity. Recorded after the move, so that it is no refusal of the person's. */
function withdrawals({ consents }: PersonWork, key: string, { now, newId, correction }: { now: number; newId(): string; correction: PersonCorrection }): ConsentRecord[] {
  return Object.entries(consents).flatMap(([purpose, scopes]) => {
    const isGranted = Object.values(scopes).some((standing) => standing !== undefined && !isRefusal(standing.decision));
    return !isGranted ? [] : [sealed({
      recordId: newId(), workspaceId: correction.workspaceId, identityKey: key, purpose, decision: 'withdrawn', recipients: [...RECIPIENT_KINDS], agreementId: null, agreementVersion: null, textHash: null, method: 'api', sourceConnectionId: null, isVerified: true,
      effectiveAt: now, recordedAt: now + 1, actor: actorOf(correction),
    })];
  });
}

async function giveTo(tx: StoreTransaction, person: PersonWork, added: readonly Identity[], now: number): Promise<void> {
  if (added.length === 0) return;
  const { profile } = person;
  const keys = added.map(identityKey);
  const known = await tx.findIdentities(profile.workspaceId, keys);
  await tx.insertIdentities(profile.workspaceId, new Map(keys.filter((key) => !known.has(key)).map((key) => [key, profile.profileId])), now);
  unionIdentities(profile.identities, keys.map(parseIdentityKey));
  // What was found to be somebody else's and has turned out to be theirs after all.
  const spellings = new Set(keys.flatMap(keySpellings));
  if (profile.disowned !== undefined) profile.disowned = profile.disowned.filter((key) => !spellings.has(key));
  delete profile.evaluated;
  await proveIdentities(tx, profile.workspaceId, keys.map((key) => ({ person, key })), now);
}
