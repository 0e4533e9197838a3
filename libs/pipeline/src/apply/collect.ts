import { anonymise, dataSubjectOf, decideConsent, forgetRecord, isRefusal, isRepeatedByEvents, isSuperseded, isWaiting, keepCovered, keepParts, OWN_USE, UNKNOWN_SUBJECT, type CanonicalRecord, type ConsentRecord, type Purpose } from '@firsthand/domain';
import { eventConsents } from '../consent/event-consents.js';
import { PLAN_REFUSAL } from '../ingest/judge-by-plan.js';
import type { PersonWork } from '../person/person-work.js';
import { retentionOf } from '../retention/retention-of.js';
import type { SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import { NOBODY, type EventRow } from '../ports/rows.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/** What becomes of a record at collection. `reason`: why the purpose of collection has no basis, where it has none. */
export type Collected =
  | { as: 'kept'; candidate: Candidate }
  | { as: 'anonymous'; event: EventRow; reason: string }
  | { as: 'refused'; reason: string };

/**
 * Decides what of a record may be kept. Where collection stands on consent, its purpose needs one, of the person or in the record itself, and so does each other purpose whose
 * fields are kept. Where it stands on the agreement, all purposes of its newest version count. What none of them covers is taken out, and with it the raw record.
 * What comes so late that it would have to go at once does not come in.
 *
 * @param carried the decisions of the record itself, as `carriedConsents` gives them
 */
export function collect(candidate: Candidate, carried: readonly ConsentRecord[], known: KnownPeople, context: ApplyContext): Collected {
  // What the tracking plan does not let in has been emptied at the door.
  if (candidate.item.record.refusal === PLAN_REFUSAL) return { as: 'refused', reason: PLAN_REFUSAL };
  const collected = collectCovered(candidate, carried, known, context);
  return collected.as === 'kept' ? keepTimely(collected.candidate, known, context) : collected;
}

function collectCovered(candidate: Candidate, carried: readonly ConsentRecord[], known: KnownPeople, context: ApplyContext): Collected {
  const { configuration } = context;
  const source = configuration.sources.get(candidate.item.record.connectionId);
  if (source === undefined) return { as: 'kept', candidate };
  const told = purposesOf(source, configuration);
  if (source.collectionPurpose === null) return { as: 'kept', candidate: told === null ? candidate : withCovered(candidate, told) };

  const person = personOf(candidate, known);
  const answer = (purpose: Purpose | undefined): string | null => basisMissing(purpose, carried, person, context);
  const reason = candidate.item.record.refusal ?? answer(configuration.purposes.get(source.collectionPurpose));
  const others = (told ?? []).filter((purpose) => purpose.key !== source.collectionPurpose && answer(purpose) === null);
  if (reason === null) return { as: 'kept', candidate: withCovered(candidate, [configuration.purposes.get(source.collectionPurpose) as Purpose, ...others]) };
  if (source.withoutBasis === 'strip' && others.length > 0) return { as: 'kept', candidate: withCovered(candidate, others) };
  if (source.withoutBasis === 'anonymous') return { as: 'anonymous', event: nobodysEvent(candidate, configuration), reason };
  return { as: 'refused', reason };
}

/** Of a record that itself refuses collection: what may lie in the inbox until it is applied. */
export function withoutRefused(record: CanonicalRecord, source: SourceConnection, configuration: WorkspaceConfiguration): CanonicalRecord {
  if (source.withoutBasis === 'strip') return keepCovered(record, (purposesOf(source, configuration) ?? []).filter(({ key }) => key !== source.collectionPurpose)).record;
  const { messageId, occurredAt, identities, consents, flags } = record;
  const plain = source.withoutBasis === 'anonymous' ? anonymise(record, configuration.dictionary, messageId) : { ...record, profile: {}, properties: {}, context: {}, order: undefined, product: undefined, store: undefined };
  return { ...plain, messageId, occurredAt, identities, consents, flags };
}

/** The purposes that the customer was told of; null where the source names no agreement. */
function purposesOf({ agreementId }: SourceConnection, { agreements, purposes }: WorkspaceConfiguration): Purpose[] | null {
  const newest = agreementId === null ? undefined : agreements.get(agreementId)?.at(-1);
  return newest === undefined ? null : newest.purposes.flatMap((key) => purposes.get(key) ?? []);
}

function personOf(candidate: Candidate, { owners, works }: KnownPeople): PersonWork | undefined {
  return identityKeysOf(candidate).map((key) => works.get(owners.get(key) ?? '')).find((work) => work !== undefined && Object.keys(work.consents).length > 0);
}

/** Why a purpose may not keep anything of a record that carries these decisions; null where it may. */
function basisMissing(purpose: Purpose | undefined, carried: readonly ConsentRecord[], person: PersonWork | undefined, { configuration: { agreements }, now }: ApplyContext): string | null {
  const answer = decideConsent({ state: person?.consents, subject: person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile), purpose, target: OWN_USE, agreements, now });
  if (purpose === undefined) return answer.reason;
  const own = carried.filter((one) => one.purpose === purpose.key && one.recipients.includes('own') && !isWaiting(one));
  // The record's own refusal holds for it, whatever was said before.
  if (own.some(({ decision }) => isRefusal(decision)) && (purpose.lawfulBasis === 'consent' || purpose.lawfulBasis === 'legitimate')) return 'consent-denied';
  if (answer.isAllowed) return null;
  const isEnded = ({ agreementId, agreementVersion }: ConsentRecord): boolean => isSuperseded(agreementVersion ?? Infinity, agreements.get(agreementId ?? '') ?? []);
  // Its own consent covers it where no material version has ended that, and where the person has not said otherwise by a clearer act.
  return own.some((one) => !isEnded(one)) && (answer.standing === null || isRepeatedByEvents(answer.standing.method)) ? null : answer.reason;
}

/**
 * Takes out what its age lets nobody keep, by the rules of the person whom it names. What happened may have ended while traits that came with it have not, and a decision never does: they go on, and the event does not.
 */
function keepTimely(candidate: Candidate, { owners, works }: KnownPeople, { configuration, now }: ApplyContext): Collected {
  if (candidate.record.occurredAt >= now) return { as: 'kept', candidate };
  const person = identityKeysOf(candidate).map((key) => works.get(owners.get(key) ?? '')).find((work) => work !== undefined);
  const retention = retentionOf(configuration, person ?? { profile: { fields: {} }, consents: {} });
  const record = forgetRecord(candidate.record, retention, now);
  if (record === candidate.record) return { as: 'kept', candidate };
  const left = record ?? keepParts(candidate.record, (path) => path.startsWith('profile.') && candidate.record.occurredAt >= retention.keptSince(path, now)).record;
  const inbox = { ...candidate.item.record, record: left, raw: null };
  if (record === null && Object.keys(left.profile).length === 0 && eventConsents(inbox, configuration, now).length === 0) return { as: 'refused', reason: 'past-retention' };
  return { as: 'kept', candidate: { ...candidate, record: left, item: { ...candidate.item, record: inbox }, ...(record === null ? { isPast: true as const } : {}) } };
}

function withCovered(candidate: Candidate, purposes: readonly Purpose[]): Candidate {
  const { record, withoutBasis } = keepCovered(candidate.record, purposes);
  if (withoutBasis.length === 0) return candidate;
  const flagged = { ...record, flags: [...record.flags, ...withoutBasis.map((path) => `without-basis:${path}`)] };
  return { ...candidate, record: flagged, item: { ...candidate.item, record: { ...candidate.item.record, record: flagged, raw: null } } };
}

function nobodysEvent({ eventId, record, item: { record: inbox } }: Candidate, { workspaceId, dictionary }: WorkspaceConfiguration): EventRow {
  const anonymous = anonymise(record, dictionary, eventId.slice(workspaceId.length + 1));
  return { eventId, workspaceId, connectionId: inbox.connectionId, profileId: NOBODY, receivedAt: anonymous.occurredAt, record: anonymous, raw: null, mappingVersion: inbox.mappingVersion };
}
