import {
  dataSubjectOf, decideAddition, decideConsent, decideRemoval, DEFAULT_SYNC_MODE, type AdditionDecision, type ConsentAnswer, type ConsentTarget, type JsonObject, type MembershipState, type SyncMode,
} from '@firsthand/domain';
import type { DestinationDefinition } from '@firsthand/plugin-sdk';
import type { PersonWork } from '../person/person-work.js';
import { owedRemovals } from '../person/owed-removals.js';
import { LIST_EXPORT_ACTION } from '../people-export/list-export-action.js';
import type { DestinationConnection, LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, DisclosureRow, EventRow, EvidenceItem, RunRow } from '../ports/rows.js';
import { isTakeBack } from '../ports/take-back-causes.js';
import { needsRun } from './answer-calls.js';
import { buildPayload } from './build-payload.js';
import { payloadDigest } from './evidence-chain.js';
import { flowOf } from './flow-of.js';
import { MERGED_THERE, takenThere } from './merged-there.js';
import { isNeeded } from './removal-at-lane.js';
import { decideSync, type SyncGround } from '../sync/decide-sync.js';
import { namedAsCopy } from '../sync/named-as-copy.js';
import type { SyncStateRow } from '../ports/sync-states.js';

/** What the decision is made on, all read in the transaction that writes the evidence. */
export interface DecisionInput {
  row: DeliveryRow;
  person: PersonWork | undefined;
  event: EventRow | undefined;
  /** The run that it is of, where the decision needs it: see `needsRun`. */
  run: RunRow | undefined;
  /** What this connection and action ever got of the person, over all profiles merged into them. */
  disclosures: readonly DisclosureRow[];
  /** What this connection has confirmed of their memberships by the action, over the same profiles. */
  memberships: readonly MembershipState[];
  /** Of a row that a sync rule makes: what its system is known to hold. */
  sync?: SyncGround | undefined;
  connection: DestinationConnection;
  configuration: WorkspaceConfiguration;
  /** The person's: keys the digest of the payload. */
  salt: string;
  now: number;
}

/** A delivery that may be sent now: one payload, or for a removal one per set of identifiers that was disclosed. */
export interface Cleared {
  kind: 'send';
  destination: DestinationDefinition;
  payloads: JsonObject[];
  evidence: EvidenceItem;
  /** What it was decided by; null for removals, which need no consent. */
  consent: ConsentAnswer | null;
  /** What to add to the disclosures, ahead of the send; null for removals. */
  disclosure: DisclosureRow | null;
  /** The memberships as they are with it on its way, to be written ahead of the send. */
  memberships: readonly MembershipState[];
  /** What the system holds with it on its way, to be written ahead too. */
  sync?: SyncStateRow;
}

/** A delivery that ends here. */
export interface Ended {
  kind: 'end';
  state: 'blocked' | 'dead' | 'cancelled';
  reason: string;
  /** A block is proven too. */
  evidence: EvidenceItem | null;
  /** The memberships as they are with it. */
  memberships?: readonly MembershipState[];
  sync?: SyncStateRow;
}

/**
 * The gate: may this row be sent, with what, and why. Whatever is missing or unsure ends the row with its own reason.
 * Suppression needs no consent: it carries only identifiers that this recipient already got.
 */
export function decideDelivery(input: DecisionInput): Cleared | Ended {
  const { row, person, connection, configuration } = input;
  const destination = connection.destinations[row.action];
  if (row.action === LIST_EXPORT_ACTION && isTakeBack(row)) return decideListRemoval(input);
  if (destination === undefined) return end('dead', 'action-unknown');
  if (person === undefined) return end('cancelled', 'profile-gone');
  if (row.class === 'suppression') return decideSuppression(input, destination, person);
  if (person.isErased === true) return end('cancelled', 'erased');

  const refusal = row.operation === 'ask' ? refuseCall(input) : null;
  if (refusal !== null) return refusal;
  const purpose = configuration.purposes.get(row.purpose);
  const flow = flowOf(row, configuration);
  const answer = decideConsent({
    state: person.consents, subject: dataSubjectOf(person.profile), purpose, target: consentTargetOf(row, connection, destination, flow), agreements: configuration.agreements, now: input.now,
  });
  if (!answer.isAllowed || purpose === undefined) {
    return { ...end('blocked', answer.reason), evidence: evidenceOf(input, person, answer, [], '') };
  }
  if (flow === undefined) return end('dead', 'flow-version-missing');
  if (row.eventId !== null && input.event === undefined) return end('cancelled', 'event-gone');
  if (input.run === undefined && needsRun(row, configuration)) return end('cancelled', 'run-gone');
  const taken = takenThere(person.profile, connection, configuration.identityRules);
  const refused = (): Ended => ({ ...end('blocked', MERGED_THERE), evidence: evidenceOf(input, person, { ...answer, isAllowed: false, reason: MERGED_THERE }, [], '') });
  if (taken?.isAnothers({}) === true) return refused();
  const named = input.sync === undefined ? person.profile : namedAsCopy(input.sync.book, row.connectionId, person);
  const whole = buildPayload(row, { connection, destination, flow, purpose, coversSensitive: answer.coversSensitive, standing: answer.standing }, taken?.withoutAnothers(named) ?? named, input.event, input.run, configuration);
  if ('error' in whole) return end('dead', whole.error);
  if (taken?.isAnothers(identifiersOf(whole.payload, destination.identifiers)) === true) return refused();
  const left = input.sync === undefined ? { built: whole } : decideSync(input.sync, {
    row, person, destination, purpose, withheld: answer.coversSensitive ? [] : configuration.sensitivePaths, identifiers: identifiersOf(whole.payload, destination.identifiers), now: input.now,
  }, whole, flow.mappings.get(row.stepId ?? '')?.reads ?? new Map<string, string[]>());
  const copy = 'copy' in left && left.copy !== null ? { sync: left.copy } : {};
  if ('reason' in left) return { ...end('cancelled', left.reason), ...copy };
  const { built } = left;
  const digest = payloadDigest(input.salt, built.payload);
  const identifiers = identifiersOf(built.payload, destination.identifiers);
  const difference = differenceOf(input, flow, person, identifiers, digest);
  if (difference.outcome !== 'send') return { ...end('cancelled', difference.outcome), memberships: difference.states };
  return {
    kind: 'send', destination, payloads: [built.payload], memberships: difference.states,
    evidence: evidenceOf(input, person, answer, built.fields, digest), consent: answer,
    disclosure: disclosureOf(input, person, answer, built.disclosed, identifiers), ...copy,
  };
}

function disclosureOf({ row, connection, now }: DecisionInput, { profile: { profileId } }: PersonWork, { reason, standing }: ConsentAnswer, fields: string[], identifiers: JsonObject): DisclosureRow {
  const { workspaceId, connectionId, action, purpose } = row;
  const { recipient, country, name: recipientName } = connection;
  const ground = { purpose, reason, agreementId: standing?.agreementId ?? null, agreementVersion: standing?.agreementVersion ?? null, recipient, country, recipientName, fields, firstAt: now, lastAt: now };
  return { workspaceId, connectionId, action, profileId, purposes: [purpose], fields, identifiers: [identifiers], firstAt: now, grounds: [ground] };
}

/** What a step does to its audience. */
export function syncModeOf({ compiled: { definition } }: LiveFlow, stepId: string): SyncMode {
  const step = definition.steps.find(({ id }) => id === stepId);
  return (step?.type === 'deliver' ? step.sync : undefined) ?? DEFAULT_SYNC_MODE;
}

/** What an audience lacks of it; anything else is sent as it is. */
function differenceOf({ row, memberships, now }: DecisionInput, flow: LiveFlow, { profile }: PersonWork, identifiers: JsonObject, digest: string): AdditionDecision {
  const { operation, deliveryId, flowId, flowVersion, stepId, segmentId, purpose } = row;
  if (operation !== 'addMembers' || flowId === null || flowVersion === null || stepId === null) return { outcome: 'send', states: [] };
  const holder = { flowId, stepId, flowVersion, segmentId, purpose };
  return decideAddition(memberships, { profileId: profile.profileId, identifiers, digest, holder, mode: syncModeOf(flow, stepId), deliveryId, now });
}

/** Nothing is asked for a run that has gone on, nor of an independent company: its answer would be data that has no way in. */
function refuseCall({ row, run, connection }: DecisionInput): Ended | null {
  if (run?.wait?.call?.deliveryId !== row.deliveryId || run.wait.call.result !== undefined) return end('cancelled', 'call-not-awaited');
  return connection.recipient === 'third-party' ? end('blocked', 'answer-from-third-party') : null;
}

function decideSuppression(input: DecisionInput, destination: DestinationDefinition, person: PersonWork): Cleared | Ended {
  const { row, disclosures, memberships, configuration, now } = input;
  if (row.cause === 'consent-withdrawn' && disclosures.length > 0 && !owedRemovals(person, configuration, now).isOwed(disclosures, row.purpose)) return end('cancelled', 'no-longer-refused');
  if ((row.operation === 'erase' ? destination.erase : destination.removeMembers) === undefined) return cannot(input, destination, person);
  const isAudience = destination.accepts === 'membership';
  // Only an audience is left with its segment: other data stays, as long as the consent does.
  if (!isAudience && row.cause !== null && AUDIENCE_CAUSES.has(row.cause)) return end('cancelled', 'destination-cannot-remove');
  // What went without any identifier names nobody: a recipient would refuse it, and with it the rest.
  const named = disclosures.flatMap(({ identifiers }) => identifiers).filter((identifiers) => Object.keys(identifiers).length > 0);
  // Profiles that were merged may each have been sent the same.
  const disclosed = [...new Map(named.map((identifiers) => [JSON.stringify(identifiers), identifiers])).values()];
  if (disclosed.length === 0) return end('cancelled', 'nothing-disclosed');
  // By what leads to the record of somebody else nothing is taken back: it would be theirs.
  const taken = takenThere(person.profile, input.connection, configuration.identityRules);
  const own = disclosed.filter((identifiers) => taken?.names(identifiers) !== true);
  if (own.length === 0) return end(isTakeBack(row) ? 'dead' : 'cancelled', MERGED_THERE);
  const difference = isAudience ? decideRemoval(memberships, { holder: leavingHolder(row, configuration), disclosed: own, deliveryId: row.deliveryId, now }) : { identifiers: own, states: [] };
  // Who is to be forgotten is named whole, in an audience or not.
  const payloads = row.operation === 'erase' ? own : difference.identifiers;
  if (payloads.length === 0) return { ...end('cancelled', 'already-confirmed'), memberships: difference.states };
  const answer = { reason: `suppression:${row.cause ?? 'unspecified'}`, isAllowed: true, standing: null };
  const fields = [...new Set(payloads.flatMap((payload) => Object.keys(payload)))].sort();
  return { kind: 'send', destination, payloads, evidence: evidenceOf(input, person, answer, fields, payloadDigest(input.salt, payloads)), consent: null, disclosure: null, memberships: difference.states };
}

/** A file cannot be called back: somebody has to ask who got it, as long as what it was given for is refused. */
function decideListRemoval({ row, person, disclosures, configuration, now }: DecisionInput): Ended {
  if (person === undefined) return end('cancelled', 'profile-gone');
  if (disclosures.length === 0) return end('cancelled', 'nothing-disclosed');
  return owedRemovals(person, configuration, now).isOwed(disclosures, row.purpose) ? end('dead', 'told-by-hand') : end('cancelled', 'no-longer-refused');
}

/** Nobody is told that they need not hear it: what a person asked for and a destination cannot do is a dead letter, and somebody has to see to it by hand. */
function cannot({ row, disclosures, connection, configuration, now }: DecisionInput, destination: DestinationDefinition, person: PersonWork): Ended {
  const reason = `destination-cannot-${row.operation === 'erase' ? 'erase' : 'remove'}`;
  if (!isTakeBack(row)) return end('cancelled', reason);
  if (disclosures.length === 0) return end('cancelled', 'nothing-disclosed');
  const isKept = row.operation !== 'erase' && destination.erase !== undefined && isNeeded(row, { person, disclosures, connection, configuration, now });
  return end('dead', isKept ? `${reason}:needed-for-another-purpose` : reason);
}

/** Causes that concern audiences and nothing else. */
const AUDIENCE_CAUSES: ReadonlySet<string> = new Set(['segment-left', 'sync-delete', 'compare']);

/**
 * The step that wants the person in no longer; null where they are taken out whoever wants them in: consent is gone, or a flow says that who leaves its segment
 * is taken out.
 */
function leavingHolder({ cause, flowId, stepId, flowVersion, segmentId }: DeliveryRow, configuration: WorkspaceConfiguration): { flowId: string; stepId: string } | null {
  if ((cause !== 'segment-left' && cause !== 'compare') || flowId === null || stepId === null || flowVersion === null) return null;
  const trigger = configuration.flow(flowId, flowVersion)?.compiled.definition.trigger;
  const isForAll = cause === 'segment-left' && trigger?.type === 'segment' && trigger.on !== 'entered' && trigger.segmentId === segmentId;
  return isForAll ? null : { flowId, stepId };
}

/** Whom it would go to, and on which channel: the step's own comes before that of the action. */
export function consentTargetOf(
  { stepId }: Pick<DeliveryRow, 'stepId'>, { recipient, connectionId, country }: DestinationConnection, destination: DestinationDefinition, flow: LiveFlow | undefined,
): ConsentTarget {
  const step = flow?.compiled.definition.steps.find(({ id }) => id === stepId);
  return { recipient, connectionId, country, channel: (step?.type === 'deliver' ? step.channel : undefined) ?? destination.channel ?? null };
}

function evidenceOf(
  { row }: DecisionInput, person: PersonWork, answer: Pick<ConsentAnswer, 'isAllowed' | 'standing'> & { reason: string }, fields: string[], digest: string,
): EvidenceItem {
  return {
    deliveryId: row.deliveryId, attempt: row.attempt, subjectKey: person.profile.subjectKey, action: row.action, purpose: row.purpose, fields, payloadDigest: digest,
    isAllowed: answer.isAllowed, reason: answer.reason, recordId: answer.standing?.recordId ?? null, recordVersion: answer.standing?.sealed?.version ?? null,
    recordHash: answer.standing?.sealed?.hash ?? null, agreementId: answer.standing?.agreementId ?? null,
    agreementVersion: answer.standing?.agreementVersion ?? null, idempotencyKey: idempotencyKeyOf(row),
  };
}

/** The same on every try. The workspace prefix is ours and stays here. */
export function idempotencyKeyOf({ deliveryId }: DeliveryRow): string {
  return deliveryId.slice(deliveryId.indexOf('|') + 1);
}

function end(state: Ended['state'], reason: string): Ended {
  return { kind: 'end', state, reason, evidence: null };
}

/** The identifying fields of a payload. */
export function identifiersOf(payload: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (payload[name] === undefined ? [] : [[name, payload[name]]]))) as JsonObject;
}
