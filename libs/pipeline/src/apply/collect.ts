import { anonymise, forgetRecord, keepCovered, keepParts, type Purpose } from '@firsthand/domain';
import { eventConsents } from '../consent/event-consents.js';
import { toldPurposes } from '../consent/told-purposes.js';
import { PLAN_REFUSAL } from '../ingest/judge-by-plan.js';
import { retentionOf } from '../retention/retention-of.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { NOBODY, type EventRow } from '../ports/rows.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import type { CollectionBasis } from './collection-basis.js';
import type { KnownPeople } from './known-people.js';

/** What becomes of a record at collection. `reason`: why it has no basis, of several purposes the one of the first. */
export type Collected =
  | { as: 'kept'; candidate: Candidate }
  | { as: 'anonymous'; event: EventRow; reason: string }
  | { as: 'refused'; reason: string };

/**
 * Decides what of a record may be kept: the fields that a purpose covers which its customers were told of (the newest version of the source's agreement) and which may be used for its person now. Where
 * the source names a purpose of collection, the record needs that one, else any; `withoutBasis` says what becomes of one that has none. What is taken out goes from the raw record too, and so that is not
 * kept. What comes so late that it would have to go at once does not come in.
 */
export function collect(candidate: Candidate, basis: CollectionBasis, known: KnownPeople, context: ApplyContext): Collected {
  // What the tracking plan does not let in has been emptied at the door.
  if (candidate.item.record.refusal === PLAN_REFUSAL) return { as: 'refused', reason: PLAN_REFUSAL };
  const collected = collectCovered(candidate, basis, context);
  return collected.as === 'kept' ? keepTimely(collected.candidate, known, context) : collected;
}

function collectCovered(candidate: Candidate, basis: CollectionBasis, { configuration }: ApplyContext): Collected {
  const { connectionId, refusal } = candidate.item.record;
  const source = configuration.sources.get(connectionId);
  // Whose source is gone comes under no agreement.
  if (source === undefined) return { as: 'refused', reason: 'agreement-missing' };
  const told = toldPurposes(source, configuration).map((purpose) => ({ purpose, missing: basis(candidate, purpose) }));
  const usable = told.flatMap(({ purpose, missing }) => (missing === null ? [purpose] : []));
  const needed = source.collectionPurpose === null ? undefined : configuration.purposes.get(source.collectionPurpose);
  const missing = source.collectionPurpose !== null ? basis(candidate, needed) : usable.length > 0 ? null : (told[0]?.missing ?? 'agreement-missing');
  const reason = refusal ?? missing;
  if (reason === null) return { as: 'kept', candidate: withCovered(candidate, needed === undefined ? usable : [needed, ...usable]) };
  const others = usable.filter(({ key }) => key !== source.collectionPurpose);
  if (source.withoutBasis === 'strip' && others.length > 0) return { as: 'kept', candidate: withCovered(candidate, others) };
  if (source.withoutBasis === 'anonymous') return { as: 'anonymous', event: nobodysEvent(candidate, configuration), reason };
  return { as: 'refused', reason };
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
