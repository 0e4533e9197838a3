import { EVERY_PURPOSE, type ConsentRecord } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import { causeOf, recordCause, type ChangeCause } from './change-cause.js';

/** What a transaction is about. */
export interface TransactionCause {
  /** Of all that nothing closer is known of; left out where a transaction has many causes, or only time. */
  cause?: ChangeCause | undefined;
  /** Decisions that are recorded by it. */
  consentRecords: readonly ConsentRecord[];
}

/** Of a decision: its connection, or who told it; null where that was not noted. */
export function consentCause({ sourceConnectionId, actor }: Pick<ConsentRecord, 'sourceConnectionId' | 'actor'>): ChangeCause | null {
  if (sourceConnectionId !== null) return recordCause(sourceConnectionId);
  return actor === undefined ? null : causeOf(actor.kind === 'person' || actor.kind === 'guardian' ? 'person' : 'admin');
}

/** Decisions of a transaction that concern a person, of these purposes. */
export function decidedOf({ ledger }: PersonWork, { consentRecords }: TransactionCause, isOf: (purpose: string) => boolean): ConsentRecord[] {
  if (consentRecords.length === 0 || ledger === undefined) return [];
  const known = new Set(ledger.records.map(({ recordId }) => recordId));
  return consentRecords.filter(({ recordId, purpose }) => isOf(purpose) && known.has(recordId));
}

/** What has changed fields of a person. */
export function fieldCauses(person: PersonWork, names: readonly string[], told: TransactionCause): ChangeCause[] {
  const has = (fields: readonly string[] = []): boolean => fields.some((field) => names.includes(field));
  return closest([...person.causes.filter(({ fields }) => has(fields)), ...person.joins.filter(({ fields }) => has(fields))].map(({ cause }) => cause), person, told);
}

/** What has given a person identities or taken them. */
export function identityCauses(person: PersonWork, keys: readonly string[], told: TransactionCause): ChangeCause[] {
  const noted = person.causes.filter(({ identities = [] }) => identities.some((key) => keys.includes(key)));
  const isAllNoted = keys.every((key) => noted.some(({ identities = [] }) => identities.includes(key)));
  return closest([...noted, ...(isAllNoted ? [] : person.joins)].map(({ cause }) => cause), person, told);
}

/** What has changed what stands of a purpose: who becomes another's equal brings what they have decided. */
export function consentCauses(person: PersonWork, purpose: string, told: TransactionCause): ChangeCause[] {
  const decided = decidedOf(person, told, (one) => one === purpose || one === EVERY_PURPOSE);
  return closest([...decided.flatMap((record) => consentCause(record) ?? []), ...person.joins.map(({ cause }) => cause)], person, told);
}

/** Where nothing closer is known: what made of people one or two, else what the transaction is about, else all that touched the person in it. */
export function closest(causes: readonly ChangeCause[], person: PersonWork, told: TransactionCause): ChangeCause[] {
  if (causes.length > 0) return distinct(causes);
  if (person.joins.length > 0) return distinct(person.joins.map(({ cause }) => cause));
  if (told.cause !== undefined) return [told.cause];
  return distinct([...person.causes.map(({ cause }) => cause), ...decidedOf(person, told, () => true).flatMap((record) => consentCause(record) ?? [])]);
}

/** Each once. */
export function distinct(causes: readonly ChangeCause[]): ChangeCause[] {
  return [...new Map(causes.map((cause) => [`${cause.by}|${cause.source}`, cause])).values()];
}
