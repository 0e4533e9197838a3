import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { Dictionary, RecordSection } from '../canonical/dictionary.js';
import { readConsentProof } from '../canonical/consent-proof.js';
import { readIdentities } from '../canonical/read-identities.js';
import { ReadIssues } from '../canonical/read-issues.js';
import { readTime } from '../canonical/read-time.js';
import type { JsonObject, JsonValue } from '../json.js';

/** A value that a mapping gave, and what the dictionary made of it. */
export interface ReadValue {
  /** Path in a canonical record, list positions included. */
  path: string;
  given: JsonValue;
  /** Undefined where nothing is left. */
  value: JsonValue | undefined;
  isTooMany: boolean;
}

interface Reading {
  mapped: JsonObject;
  record?: CanonicalRecord | undefined;
  dictionary: Dictionary;
  defaultCountry?: string | undefined;
}

const SECTIONS: readonly RecordSection[] = ['profile', 'properties', 'context', 'order', 'product', 'store'];
const CORE = ['type', 'name', 'messageId', 'occurredAt'] as const;

/** Every value of a mapped tree beside what it becomes, also where the record as a whole cannot be used. */
export function readSections(reading: Reading): ReadValue[] {
  const { mapped } = reading;
  return [
    ...CORE.flatMap((name) => (isGiven(mapped[name]) ? [readCore(name, mapped[name], reading)] : [])),
    ...identityValues(reading),
    ...SECTIONS.flatMap((section) => sectionValues(section, reading)),
    ...consentValues(reading),
  ];
}

/** An own value that says something; what is empty is the same as absent. */
function isGiven(value: JsonValue | undefined): value is NonNullable<JsonValue> {
  return value !== undefined && value !== null && value !== '';
}

function readCore(name: (typeof CORE)[number], given: JsonValue, { record }: Reading): ReadValue {
  // Without a record it is the error that says what is wrong.
  if (record === undefined) return { path: name, given, value: given, isTooMany: false };
  if (name !== 'occurredAt') return { path: name, given, value: record[name], isTooMany: false };
  const value = new Date(record.occurredAt).toISOString();
  return { path: name, given: readTime(given) === record.occurredAt ? value : given, value, isTooMany: false };
}

function identityValues({ mapped, defaultCountry }: Reading): ReadValue[] {
  const tree = mapped.identities;
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return [];
  const issues = new ReadIssues(defaultCountry);
  const read = readIdentities(tree, issues);
  const isCut = issues.flags.includes('identities-truncated');
  return Object.entries(tree).filter(([, given]) => isGiven(given)).map(([namespace, given]): ReadValue => {
    const values = read.filter((identity) => identity.namespace === namespace).map(({ value }) => value);
    const value = Array.isArray(given) ? (values.length === 0 ? undefined : values) : values[0];
    return { path: `identities.${namespace}`, given, value, isTooMany: isCut && (Array.isArray(given) ? values.length < given.length : values.length === 0) };
  });
}

function sectionValues(section: RecordSection, { mapped, dictionary, defaultCountry }: Reading): ReadValue[] {
  const given = mapped[section];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return isGiven(given) ? [{ path: section, given, value: undefined, isTooMany: false }] : [];
  const read = (tree: JsonObject): JsonObject => dictionary.readers[section](tree, new ReadIssues(defaultCountry)) ?? {};
  const whole = read(given);
  if (section === 'profile') return profileValues(given, whole);
  return Object.entries(given).flatMap(([key, value]) => {
    const path = `${section}.${key}`;
    // An element of which nothing is left makes the ones behind it move up: each is read by itself.
    if (dictionary.field(path)?.type === 'objects' && Array.isArray(value)) return value.flatMap((item, index) => leaves(`${path}.${index}`, item, itemOf(read({ [key]: [item] })[key])));
    return leaves(path, value, own(whole, key));
  });
}

function itemOf(list: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(list) ? list[0] : undefined;
}

/** Fields of a workspace's own lie flat in a profile. */
function profileValues(given: JsonObject, read: JsonObject): ReadValue[] {
  return Object.entries(given).flatMap(([key, value]) => {
    if (key !== 'custom' || typeof value !== 'object' || value === null || Array.isArray(value)) return leaves(`profile.${key}`, value, own(read, key));
    return Object.entries(value).flatMap(([name, inner]) => leaves(`profile.custom.${name}`, inner, own(read, `custom.${name}`)));
  });
}

/** Goes down as long as both are objects: money, lists of texts and what the dictionary does not know are told as they are. */
function leaves(path: string, given: JsonValue, value: JsonValue | undefined): ReadValue[] {
  if (!isGiven(given)) return [];
  const isTree = typeof given === 'object' && !Array.isArray(given) && !Object.hasOwn(given, 'amountMinor');
  if (!isTree || (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value)))) return [{ path, given, value, isTooMany: false }];
  return Object.entries(given).flatMap(([key, inner]) => leaves(`${path}.${key}`, inner, value === undefined ? undefined : own(value, key)));
}

/** Only a boolean is a decision. */
function consentValues({ mapped: { consents, consentProof } }: Reading): ReadValue[] {
  const decisions = typeof consents === 'object' && consents !== null && !Array.isArray(consents) ? Object.entries(consents) : [];
  const proof = typeof consentProof === 'object' && consentProof !== null && !Array.isArray(consentProof) ? Object.entries(consentProof).filter(([, given]) => isGiven(given)) : [];
  const read = (readConsentProof(consentProof, new ReadIssues()).consentProof ?? {}) as JsonObject;
  return [
    ...decisions.map(([key, given]): ReadValue => ({ path: `consents.${key}`, given, value: typeof given === 'boolean' ? given : undefined, isTooMany: false })),
    ...proof.map(([key, given]): ReadValue => ({ path: `consentProof.${key}`, given, value: own(read, key), isTooMany: false })),
  ];
}

function own(tree: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}
