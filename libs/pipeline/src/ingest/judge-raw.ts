import { canonicalise, deriveMessageId, mappedType, readServedNotice, stableId, type CanonicalRecord, type CompiledExpectations, type JsonObject, type JsonValue, type SignalDecision } from '@firsthand/domain';
import { onlyRefusals } from '../consent/only-refusals.js';
import type { InboxRecord } from '../ports/rows.js';
import type { SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import { judgeByPlan, PLAN_REFUSAL, type PlanOutcome } from './judge-by-plan.js';
import { refusesCollection, withoutRefused } from './own-refusal.js';

/** How a raw record came in. */
export interface Receipt {
  /** Epoch ms. */
  receivedAt: number;
  isVerified: boolean;
  isImport: boolean;
  /** Of one that was changed in quarantine: as it came. The id of a record that brings none stays that of this, so that it is the same record still. */
  original?: JsonValue;
  /** Somebody has decided that what it says of these fields of the person holds, as of then. */
  restated?: Restated;
}

/** That a record is said anew, by whom (a name for its occasion), as of when (epoch ms), and of which fields of the person alone; canonical names. */
export interface Restated {
  at: number;
  fields: readonly string[];
  by: string;
}

/**
 * Maps one raw record and judges what can be judged without the person: the consent that the record itself carries, the canonical
 * schema, the connection's tracking plan, or without one its rule for event names. Pure, never throws: what fails becomes a fault, and a fault ends in quarantine.
 */
export function judgeRaw(raw: JsonValue, connection: SourceConnection, configuration: WorkspaceConfiguration, { original = raw, restated, ...receipt }: Receipt): InboxRecord {
  const base = { connectionId: connection.connectionId, mappingVersion: connection.mappingVersion, ...receipt };
  const judged = mapRaw(raw, connection, configuration, { receivedAt: receipt.receivedAt, original });
  const { plan, types } = judged;
  const noted = { ...plan?.noted, ...types };
  let isUnwanted = plan?.verdict === 'refused';
  if (judged.record === undefined) {
    return isUnwanted ? { ...base, raw: null, record: null, refusal: PLAN_REFUSAL, fault: null, ...noted } : { ...base, raw, record: null, refusal: null, fault: judged.error, ...noted };
  }
  const { record } = judged;
  record.consents = toPurposes(record.consents, connection);
  if (restated !== undefined) restate(record, restated);
  const signals = (connection.readSignals?.(contextOf(raw)) ?? []).filter(({ decision }) => restated === undefined || decision === 'denied');
  const notice = readServedNotice(consentOf(raw), receipt.receivedAt);
  const carried = { ...(signals.length === 0 ? {} : { signals }), ...(notice === undefined ? {} : { notice }), ...noted };
  record.flags.push(...unreadableOf(signals), ...unmappedOf(record, configuration), ...(plan?.flags ?? []));
  if (refusesCollection(record, signals, connection, configuration)) {
    // What other purposes might keep of it does not fit its plan, and may not be put aside to be repaired either.
    isUnwanted ||= connection.withoutBasis !== 'refuse' && plan?.verdict === 'quarantined';
    // Refused data is not kept; what the person said is, so that the refusal reaches every other channel.
    if (!isUnwanted) return { ...base, raw: null, record: withoutRefused(record, signals, connection, configuration), refusal: 'consent-denied', fault: null, ...carried };
  }
  if (isUnwanted) {
    const refused = { ...base, raw: null, record, refusal: PLAN_REFUSAL, fault: null, ...carried };
    return onlyRefusals(refused) ?? { ...refused, record: null };
  }
  const isUnknown = plan === undefined && record.type === 'track' && connection.unknownEvents === 'quarantine' && !connection.source.emits.includes(record.name) && !configuration.dictionary.isOwnEvent(record.name);
  const fault = isUnknown ? { code: 'UNKNOWN_EVENT_NAME', places: [{ path: '/name', message: 'is not a name that this connection knows' }] } : plan?.fault ?? null;
  return { ...base, raw, record, refusal: null, fault, ...carried };
}

/** The flag of a record whose consent could not be read begins so; a signal is named behind a colon. */
export const CONSENT_UNREADABLE = 'consent-unreadable';

/** The flag of a record with a category of a consent tool that is none of the workspace's purposes: it permits nothing and refuses nothing. */
export const CONSENT_UNMAPPED = 'consent-unmapped';

/** The flag of a record that somebody has decided on: what it says is a claim of that moment, also where it was said before. */
export const RESTATED = 'restated';

/** It is another record than the one that said so first, of the fields decided on and nothing else. A field that it does not name is empty there. Only a refusal goes along: nobody has agreed to anything anew. */
function restate(record: CanonicalRecord, { at, fields, by }: Restated): void {
  record.messageId = stableId(record.messageId, by);
  record.occurredAt = at;
  record.profile = Object.fromEntries(fields.flatMap((field) => {
    if (Object.hasOwn(record.profile, field)) return [[field, record.profile[field] as JsonValue]];
    // What names the person is said among the identities.
    return record.identities.some(({ namespace }) => namespace === field) ? [] : [[field, null]];
  }));
  record.consents = Object.fromEntries(Object.entries(record.consents).filter(([, isGranted]) => !isGranted));
  record.properties = {};
  record.flags.push(RESTATED);
}

function contextOf(raw: JsonValue): JsonValue | undefined {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? raw.context : undefined;
}

/** What was shown is read beside the mapping, as signals are. */
function consentOf(raw: JsonValue): JsonValue | undefined {
  const context = contextOf(raw);
  const consent = typeof context === 'object' && context !== null && !Array.isArray(context) ? context.consent : undefined;
  return typeof consent === 'object' && consent !== null && !Array.isArray(consent) ? consent.servedNotice : undefined;
}

function unreadableOf(signals: readonly SignalDecision[]): string[] {
  return [...new Set(signals.filter(({ decision }) => decision === 'unreadable').map(({ method }) => `${CONSENT_UNREADABLE}:${method}`))];
}

function unmappedOf({ consents }: CanonicalRecord, { purposes }: WorkspaceConfiguration): string[] {
  return Object.keys(consents).every((purpose) => purposes.has(purpose)) ? [] : [CONSENT_UNMAPPED];
}

function mapRaw(raw: JsonValue, connection: SourceConnection, configuration: WorkspaceConfiguration, { receivedAt, original }: { receivedAt: number; original: JsonValue }): ReturnType<typeof canonicalise> & { plan?: PlanOutcome | undefined; types?: Pick<InboxRecord, 'types'> | undefined } {
  try {
    const identityReader = configuration.identityRules?.readerOf(connection.connectionId);
    const variables = { settings: connection.publicSettings, receivedAt: new Date(receivedAt).toISOString(), connectionId: connection.connectionId };
    const tree = connection.mapping.apply(raw, variables);
    const plan = judgeByPlan(tree, connection);
    const result = canonicalise(plan?.tree ?? tree, {
      dictionary: configuration.dictionary,
      receivedAt,
      defaultCountry: connection.defaultCountry ?? undefined,
      derivedMessageId: () => deriveMessageId(original),
      ...(identityReader === undefined ? {} : { identityReader }),
    });
    return { ...result, plan, types: configuration.expectations === undefined ? undefined : watchedTypes(tree, connection, configuration.expectations) };
  } catch {
    // The thrown message may quote the record: it is dropped, the raw record in quarantine tells the same.
    return { error: { code: 'RECORD_FAILED', places: [{ path: '', message: 'the mapping failed on this record' }] } };
  }
}

/** The types of watched fields, before the dictionary reads them: it makes one of all that say the same. */
function watchedTypes(tree: JsonObject, { connectionId }: SourceConnection, { typedFields }: CompiledExpectations): Pick<InboxRecord, 'types'> | undefined {
  const types = [...typedFields(connectionId)].flatMap(([path, parts]) => {
    const type = mappedType(tree, parts);
    return type === undefined ? [] : [[path, type] as const];
  });
  return types.length === 0 ? undefined : { types: Object.fromEntries(types) };
}

function toPurposes(consents: Record<string, boolean>, connection: SourceConnection): Record<string, boolean> {
  const purposes: Record<string, boolean> = {};
  for (const [category, isGranted] of Object.entries(consents)) {
    const purpose = Object.hasOwn(connection.consentCategories, category) ? (connection.consentCategories[category] as string) : category;
    // Two categories for one purpose: the refusal holds.
    purposes[purpose] = isGranted && (purposes[purpose] ?? true);
  }
  return purposes;
}
