import { anonymise, keepCovered, lawfulBasisFor, UNKNOWN_SUBJECT, type CanonicalRecord, type Purpose, type SignalDecision } from '@firsthand/domain';
import { toldPurposes } from '../consent/told-purposes.js';
import type { SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';

/** Whether a record itself says no to its collection: to the purpose of collection where its source names one, else to every purpose that it could be kept for. */
export function refusesCollection(record: CanonicalRecord, signals: readonly SignalDecision[], source: SourceConnection, configuration: WorkspaceConfiguration): boolean {
  if (source.collectionPurpose !== null) return isRefused(source.collectionPurpose, record, signals);
  const told = toldPurposes(source, configuration);
  return told.length > 0 && unrefused(told, record, signals).length === 0;
}

/** Of a record that itself refuses collection: what may lie in the inbox until it is applied. */
export function withoutRefused(record: CanonicalRecord, signals: readonly SignalDecision[], source: SourceConnection, configuration: WorkspaceConfiguration): CanonicalRecord {
  if (source.withoutBasis === 'strip') return keepCovered(record, unrefused(toldPurposes(source, configuration), record, signals).filter(({ key }) => key !== source.collectionPurpose)).record;
  const { messageId, occurredAt, identities, consents, flags } = record;
  const plain = source.withoutBasis === 'anonymous' ? anonymise(record, configuration.dictionary, messageId) : { ...record, profile: {}, properties: {}, context: {}, order: undefined, product: undefined, store: undefined };
  return { ...plain, messageId, occurredAt, identities, consents, flags };
}

/** A refusal closes what rests on consent or on an interest of the brand. */
function unrefused(purposes: readonly Purpose[], record: CanonicalRecord, signals: readonly SignalDecision[]): Purpose[] {
  return purposes.filter((purpose) => !(['consent', 'legitimate'].includes(lawfulBasisFor(purpose, UNKNOWN_SUBJECT)) && isRefused(purpose.key, record, signals)));
}

function isRefused(purpose: string, { consents }: CanonicalRecord, signals: readonly SignalDecision[]): boolean {
  return (Object.hasOwn(consents, purpose) && consents[purpose] === false) || signals.some((one) => one.purpose === purpose && one.decision === 'denied' && one.recipients.includes('own'));
}
