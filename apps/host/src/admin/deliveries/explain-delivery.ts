import { dataSubjectOf, decideConsent, identityKey, UNKNOWN_SUBJECT } from '@firsthand/domain';
import { deliveryRow, readRawRecords, storeKey, type StoredEvent } from '@firsthand/persistence';
import { consentTargetOf, retentionOf, type DeliveryRow, type WorkspaceConfiguration } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { findPerson, type FoundPerson } from '../profiles/find-person.js';
import { keptEvent } from '../profiles/kept-events.js';
import { peopleMask, type CallersMask } from '../profiles/people-mask.js';
import { findPushGate } from '../push-gates/push-gates.js';
import { getDelivery } from './deliveries.js';
import type { DeliveryWithEvidence } from './delivery-view.js';
import { explainMapping } from './explain-mapping.js';
import type { Explanation } from './explain-schema.js';
import { findRow } from './find-in-flight.js';
import { inWords, stateInWords } from './reason-words.js';

const MAX_MERGES = 50;
const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Why a customer got this or did not, from the event that caused it to the answer of the destination. Works in every state; what is gone by now is null.
 *
 * @throws FirsthandError `NOT_FOUND`
 */
export async function explainDelivery(admin: AdminContext, caller: Caller, id: string): Promise<Explanation> {
  const { workspaceId } = caller;
  const delivery = await getDelivery(admin, caller, id);
  const row = await findRow(admin.collections, workspaceId, id);
  const configuration = admin.configuration.workspace(workspaceId);
  const mask = peopleMask(admin, caller);
  const isShown = mask.showsRaw;
  const person = await findPerson(admin, workspaceId, delivery.profileId);
  const stored = row?.eventId == null ? null : await admin.collections.events.findOne({ _id: row.eventId });
  const event = stored === null ? null : keptEvent(stored, person ?? { retention: retentionOf(configuration, { profile: { fields: {} }, consents: {} }) }, admin.clock());
  // Of what has ended in part the raw record still tells all.
  const raw = event === null || event !== stored ? undefined : (await readRawRecords(admin.collections, [event._id])).get(event._id);
  return {
    words: stateInWords(delivery.state, delivery.reason), delivery,
    event: event === null ? null : viewEvent(event, isShown ? (raw ?? null) : null),
    mapping: event === null ? null : explainMapping(event, configuration.sources.get(event.connectionId), raw, mask),
    quality: event === null ? null : { verdict: 'accepted', flags: event.record.flags },
    identity: person === undefined ? null : await explainIdentity(admin, workspaceId, person, event, mask),
    segment: explainSegment(delivery, person, configuration), flow: explainFlow(delivery, row?.runId ?? null, configuration),
    pushGate: delivery.segmentId === null ? null : await findPushGate(admin, caller, { connectionId: delivery.connectionId, segmentId: delivery.segmentId }),
    consents: await explainConsents(admin, workspaceId, delivery), consentNow: row === null ? null : consentNow(deliveryRow(row), person, configuration, admin.clock()),
  };
}

function viewEvent({ _id, workspaceId, connectionId, receivedAt, record: { name, type, messageId, occurredAt } }: StoredEvent, raw: unknown): NonNullable<Explanation['event']> {
  return { id: _id.slice(workspaceId.length + 1), connectionId, name, type, messageId, occurredAt: iso(occurredAt), receivedAt: iso(receivedAt), raw };
}

async function explainIdentity({ collections }: AdminContext, workspaceId: string, { profile, profileIds }: FoundPerson, event: StoredEvent | null, mask: CallersMask): Promise<NonNullable<Explanation['identity']>> {
  const own = new Set(profile.identities.map(identityKey));
  const merges = await collections.merges.find({ workspaceId, $or: [{ winner: { $in: profileIds } }, { loser: { $in: profileIds } }] }, { sort: { at: -1 }, limit: MAX_MERGES, projection: { before: 0 } }).toArray();
  return {
    profileId: profile.profileId, mergedFrom: profile.mergedFrom,
    foundBy: (event?.record.identities ?? []).filter((identity) => own.has(identityKey(identity))).map((identity) => (
      { namespace: identity.namespace, value: mask.identity(identity), isVerified: profile.verifiedKeys.includes(identityKey(identity)) })),
    merges: merges.map(({ at, winner, loser, causeEventId }) => ({ at: iso(at), winner, loser, causeEventId: causeEventId === null ? null : causeEventId.slice(workspaceId.length + 1) })),
  };
}

function explainSegment({ segmentId }: DeliveryWithEvidence, person: FoundPerson | undefined, { segments }: WorkspaceConfiguration): Explanation['segment'] {
  if (segmentId === null) return null;
  const membership = person?.profile.memberships[segmentId];
  return { id: segmentId, name: segments.find((one) => one.segmentId === segmentId)?.name ?? null, isMember: membership?.isMember ?? false, since: membership === undefined ? null : iso(membership.at) };
}

function explainFlow({ flowId, flowVersion, stepId }: DeliveryWithEvidence, runId: string | null, configuration: WorkspaceConfiguration): Explanation['flow'] {
  if (flowId === null || flowVersion === null) return null;
  const definition = configuration.flow(flowId, flowVersion)?.compiled.definition;
  return { id: flowId, version: flowVersion, name: definition?.name ?? null, stepId, trigger: definition?.trigger ?? null, runId };
}

async function explainConsents({ collections }: AdminContext, workspaceId: string, { evidence }: DeliveryWithEvidence): Promise<Explanation['consents']> {
  const ids = evidence.flatMap(({ recordId }) => (recordId === null ? [] : [storeKey(workspaceId, recordId)]));
  const records = new Map((await collections.consents.find({ _id: { $in: ids } }).toArray()).map((record) => [record.recordId, record]));
  return evidence.map(({ attempt, isAllowed, reason, recordId, recordHash = null, agreementId, agreementVersion, evaluatedAt }) => {
    const record = records.get(recordId ?? '');
    return {
      attempt, isAllowed, reason, words: inWords(reason), recordId, recordHash, decision: record?.decision ?? null, method: record?.method ?? null, effectiveAt: record === undefined ? null : iso(record.effectiveAt),
      agreementId, agreementVersion, evaluatedAt,
    };
  });
}

/** A removal asks nobody. */
function consentNow(row: DeliveryRow, person: FoundPerson | undefined, configuration: WorkspaceConfiguration, now: number): Explanation['consentNow'] {
  const { purposes, agreements, destinations } = configuration;
  const connection = destinations.get(row.connectionId);
  const destination = connection?.destinations[row.action];
  if (row.class === 'suppression' || connection === undefined || destination === undefined) return null;
  const flow = row.flowId === null || row.flowVersion === null ? undefined : configuration.flow(row.flowId, row.flowVersion);
  const subject = person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile);
  const { isAllowed, reason } = decideConsent({ state: person?.consents, subject, purpose: purposes.get(row.purpose), target: consentTargetOf(row, connection, destination, flow), agreements, now });
  return { isAllowed, reason, words: inWords(reason) };
}
