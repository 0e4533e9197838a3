import { activityKeysOf, foldRecord, identityKey, isHistorical, unionIdentities, type CompiledExpectations } from '@firsthand/domain';
import type { EventRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { recordCause } from '../changes/change-cause.js';
import { askToConfirm } from '../consent/ask-to-confirm.js';
import { eventConsents } from '../consent/event-consents.js';
import { foldEventConsents } from '../consent/fold-event-consents.js';
import { LedgerCounts, newWorkOutput, nextVersion, noteFold, strongerTouch, type PersonTouch, type PersonWork } from '../person/person-work.js';
import type { Occurrence } from '../flow/occurrence.js';
import { writePeople } from '../person/write-people.js';
import { isUnusable, type ApplyContext, type ApplyItem, type Candidate } from './apply-context.js';
import { dropDuplicates } from './drop-duplicates.js';
import { hearRefusals } from './hear-refusals.js';
import { judgePeople } from './judge-people.js';
import { findKnownPeople, ownerOfAny } from './known-people.js';
import { leaveOutDisowned } from './leave-out-disowned.js';
import { leaveOutParted } from './leave-out-parted.js';
import { countQuality, type AppliedBatch } from '../quality/count-quality.js';
import { quarantineRow } from './quarantine-row.js';
import { refuseErased } from './refuse-erased.js';
import { resolvePeople } from './resolve-people.js';
import { storePrivacyRequests } from './store-privacy-requests.js';
import { findEraseEchoes } from '../erasure/erase-echoes.js';
import { ownIdsOfSource } from '../own-ids.js';
import { BatchSyncs } from '../sync/batch-syncs.js';
import { ECHO_FLAG } from '../sync/hear-record.js';

/**
 * Step 2 of an event's path, one transaction: count, quarantine, deduplicate, judge, resolve, fold, then segments, flows and all rows.
 * Runs again from the start on a conflict, so it changes nothing but through `tx`. Returns the destination connections to ring.
 */
export async function applyBatch(tx: StoreTransaction, items: readonly ApplyItem[], context: ApplyContext): Promise<string[]> {
  const { configuration, now } = context;
  const counts = context.counts ?? new LedgerCounts();
  for (const { record, quarantined } of items) {
    // Of one that was released both were counted when it came.
    if (quarantined !== undefined) continue;
    counts.add(record.connectionId, record.receivedAt, 'received');
    for (const [key, count] of Object.entries(record.plan?.counts ?? {})) counts.add(record.connectionId, record.receivedAt, `plan.${key}`, count);
  }

  const bad = await refuseErased(tx, items.filter(isUnusable), context, counts);
  await tx.insertQuarantine(bad.map((item) => quarantineRow(item, configuration.workspaceId, now)));
  for (const { record } of bad) counts.add(record.connectionId, record.receivedAt, 'quarantined');

  const unique = await dropDuplicates(tx, items.filter((item) => !isUnusable(item)), configuration.workspaceId, counts);
  const all = [...unique, ...hearRefusals(bad, configuration.workspaceId)];
  const known = await findKnownPeople(tx, all, context);
  const digest = (key: string): string => context.tombstoneDigest(configuration.workspaceId, key);
  const { candidates: own, touched } = leaveOutParted(leaveOutDisowned(all, known, digest), known, configuration, digest);
  const fresh = own.slice(0, unique.length);
  const heard = own.slice(unique.length);
  const judged = await judgePeople(tx, fresh, heard, known, context, counts);
  const { anonymous, plan } = judged;
  const welcome = [...judged.welcome, ...heard];
  const { people, personOf, foreignKeysOf, flagsOf } = await resolvePeople(tx, welcome, plan, known, context);
  const ownerOf = new Map(welcome.map((candidate, index) => [candidate, personOf[index]?.profile.profileId]));
  const echoes = await findEraseEchoes(tx, fresh, known, configuration);
  await storePrivacyRequests(tx, fresh, echoes, (candidate) => ownerOf.get(candidate) ?? ownerOfAny(candidate, known), context);

  if (configuration.expectations !== undefined) await watchQuality(tx, { items, bad, unique, kept: welcome }, configuration.expectations, context);
  const output = newWorkOutput();
  output.events.push(...anonymous);
  const occurrences: Occurrence[] = [];
  const inOrder = [...welcome.entries()].sort(([, a], [, b]) => a.record.occurredAt - b.record.occurredAt);
  const syncs = await BatchSyncs.open(tx, welcome, personOf, context);
  const carried = inOrder.map(([index, candidate]) => {
    const person = personOf[index] as PersonWork;
    const item = syncs?.ownDecisions(candidate, person) ?? candidate.item.record;
    return { person, item, records: eventConsents(item, configuration, now) };
  });
  const { records: consentRecords, others } = await foldEventConsents(tx, carried, { configuration, now, people });
  const gone = new Set(plan.merges.map(({ loser }) => loser));
  const everybody = [...new Set([...people, ...others, ...touched.filter(({ profile }) => !gone.has(profile.profileId))])];
  await askToConfirm(tx, carried, { ...context, people: everybody });
  for (const [index, given] of inOrder) {
    const person = personOf[index] as PersonWork;
    const isEcho = echoes.has(given.eventId);
    const candidate = syncs === undefined || given.isRefused === true ? given : { ...given, record: syncs.hear(given, person, isEcho) };
    if (candidate.isRefused === true) {
      // Nothing of it is kept but who was named: the index of identities leads to them.
      nameAs(person, candidate, foreignKeysOf.get(index) ?? NONE);
      continue;
    }
    const { event, changedFields } = foldEvent(person, withFlags(candidate, [...(flagsOf.get(index) ?? []), ...(isEcho ? [ECHO_FLAG] : [])]), foreignKeysOf.get(index) ?? NONE, context);
    counts.add(event.connectionId, event.receivedAt, 'applied');
    if (candidate.isPast !== true) output.events.push(event);
    const isPast = isHistorical(event.record.occurredAt, event.receivedAt, candidate.item.record.isImport);
    const touch = candidate.item.record.startsNoFlow === true ? 'released' : isPast ? 'historical' : 'live';
    person.touchedBy = strongerTouch(person.touchedBy, touch);
    const startsNone = touch === 'released' ? { startsNone: true as const } : {};
    if (candidate.isPast !== true) occurrences.push({ person, occurrenceId: event.eventId, trigger: { kind: 'event', record: event.record, isHistorical: isPast }, event, ...startsNone });
    if (changedFields.length > 0) occurrences.push({ person, occurrenceId: versionId(person, touch), trigger: { kind: 'profile', changedFields, isHistorical: isPast }, event, ...startsNone });
  }
  if (syncs !== undefined) {
    occurrences.push(...syncs.occurrences());
    await syncs.write(tx);
  }
  return writePeople(tx, { configuration, people: everybody, occurrences: onePerPerson(occurrences), consentRecords, output, counts, now, visit: context.visit });
}

const NONE: ReadonlySet<string> = new Set();

function nameAs(person: PersonWork, { record: { identities }, item }: Candidate, foreignKeys: ReadonlySet<string>): void {
  const addedIdentities = unionIdentities(person.profile.identities, identities.filter((identity) => !foreignKeys.has(identityKey(identity))));
  if (addedIdentities.length === 0) return;
  noteFold(person, { changedFields: [], activityKeys: [], addedIdentities }, recordCause(item.record.connectionId));
  person.isTouched = true;
}

/** In the transaction of what it counts: what is rolled back, or comes again, is counted once. */
async function watchQuality(tx: StoreTransaction, batch: AppliedBatch, expectations: CompiledExpectations, { configuration: { workspaceId }, now, tombstoneDigest }: ApplyContext): Promise<void> {
  const row = countQuality(batch, { workspaceId, expectations, now, digest: (text) => tombstoneDigest(workspaceId, text) });
  if (row !== null) await tx.insertQualityCounts(row);
}

function withFlags(candidate: Candidate, flags: readonly string[]): Candidate {
  return flags.length === 0 ? candidate : { ...candidate, record: { ...candidate.record, flags: [...new Set([...candidate.record.flags, ...flags])] } };
}

function foldEvent(person: PersonWork, { eventId, record, item: { record: inbox } }: Candidate, foreignKeys: ReadonlySet<string>, { configuration, now }: ApplyContext): { event: EventRow; changedFields: readonly string[] } {
  const changes = foldRecord(person.profile, record, {
    now, version: nextVersion(person), source: inbox.connectionId, isVerified: inbox.isVerified, foreignKeys, ownerRank: configuration.ownerRank,
    ...(inbox.isVerified ? { isOwnId: ownIdsOfSource(configuration.sources.get(inbox.connectionId), configuration.identityRules) } : {}),
    activityKeysOf: (folded) => activityKeysOf(folded, configuration.tracked),
  });
  noteFold(person, changes, recordCause(inbox.connectionId));
  person.isTouched = true;
  const event = {
    eventId, workspaceId: configuration.workspaceId, connectionId: inbox.connectionId, profileId: person.profile.profileId,
    receivedAt: inbox.receivedAt, record, raw: inbox.raw, mappingVersion: inbox.mappingVersion,
  };
  return { event, changedFields: changes.changedFields };
}

/** What an occurrence of a changed profile is known by: a transaction makes one for what is of now, one for what is of the past, and one for what starts nothing. */
function versionId(person: PersonWork, touch: PersonTouch): number | string {
  return touch === 'live' ? nextVersion(person) : `${nextVersion(person)}|${touch}`;
}

/** A profile changes once per transaction and kind: of its occurrences the last stands for all, with the fields of all. */
function onePerPerson(occurrences: readonly Occurrence[]): Occurrence[] {
  const fields = new Map<string, Set<string>>();
  const keyOf = ({ person, occurrenceId }: Occurrence): string => `${person.profile.profileId}|${occurrenceId}`;
  const last = new Map<string, Occurrence>();
  for (const occurrence of occurrences) {
    if (occurrence.trigger.kind !== 'profile') continue;
    const key = keyOf(occurrence);
    last.set(key, occurrence);
    const own = fields.get(key) ?? new Set<string>();
    for (const field of occurrence.trigger.changedFields) own.add(field);
    fields.set(key, own);
  }
  return occurrences.flatMap((occurrence) => {
    if (occurrence.trigger.kind !== 'profile') return [occurrence];
    const key = keyOf(occurrence);
    return last.get(key) === occurrence ? [{ ...occurrence, trigger: { ...occurrence.trigger, changedFields: [...(fields.get(key) as Set<string>)] } }] : [];
  });
}
