import type { ErrorCode } from '../errors/error-table.js';
import type { ErrorPlace } from '../errors/firsthand-error.js';
import type { IdentityReader } from '../identity/identity-rules.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { CanonicalRecord, Identity, RecordType } from './canonical-record.js';
import { readConsentProof } from './consent-proof.js';
import { isConsentKey } from './create-dictionary.js';
import type { Dictionary, RecordSection } from './dictionary.js';
import { readIdentities } from './read-identities.js';
import { ReadIssues } from './read-issues.js';
import { readTime } from './read-time.js';

/** What {@link canonicalise} needs to know besides the mapped tree. */
export interface CanonicaliseContext {
  dictionary: Dictionary;
  /** Epoch ms. */
  receivedAt: number;
  /** ISO 3166-1 alpha-2 country that national phone numbers are read in. */
  defaultCountry?: string;
  /** What the workspace adds to how identities of this source are read. */
  identityReader?: IdentityReader;
  /** The id for a record that brings none; a function is called only then. See `deriveMessageId`. */
  derivedMessageId: string | (() => string);
  /** How far ahead of `receivedAt` a time may lie; 5 minutes by default. */
  clampFutureAfterMs?: number;
}

/** A record that may go on, or why not. */
export type CanonicaliseResult = { record: CanonicalRecord; error?: undefined } | { error: { code: ErrorCode; places: ErrorPlace[] }; record?: undefined };

const DEFAULT_NAMES: Record<RecordType, string> = {
  track: '', identify: 'Profile Updated', page: 'Page Viewed', screen: 'Screen Viewed', group: 'Group Joined', alias: 'Identities Linked', delete: 'Profile Deleted',
};
const FIVE_MINUTES_MS = 300_000;
const MAX_NAME = 200;
const MAX_MESSAGE_ID = 256;

/**
 * Makes a canonical record of the tree that a source mapping gives. Never throws: a field that does not fit is dropped and flagged
 * (`field-invalid:order.total`), unknown fields are dropped (`unknown-fields`), a time in the future is clamped (`occurred-at-clamped`), an identity that
 * names nobody is dropped (`identity-dropped:phone`). Without a valid identity the result is the error `MISSING_IDENTITY`, without a type or
 * name that can be used `INVALID_RECORD`.
 *
 * @example canonicalise({ name: 'Order Completed', identities: { email: 'Ana@Example.com' } }, { dictionary, receivedAt, derivedMessageId: 'h-1' }).record?.identities
 */
export function canonicalise(tree: JsonObject, context: CanonicaliseContext): CanonicaliseResult {
  const issues = new ReadIssues(context.defaultCountry);
  const name = readName(tree.name);
  const type = readType(tree.type, name);
  if (type === undefined) return failure('INVALID_RECORD', '/type', 'The type is none of track, identify, page, screen, group, alias, delete.');
  if (name === null || name.length > MAX_NAME) return failure('INVALID_RECORD', '/name', `The event name is no text of at most ${MAX_NAME} characters.`);
  if (type === 'track' && name === '') return failure('INVALID_RECORD', '/name', 'The event has no name.');
  const identities: Identity[] = readIdentities(tree.identities, issues, context.identityReader);
  if (identities.length === 0) return failure('MISSING_IDENTITY', '/identities', 'No identity is left that names somebody.');

  const isView = type === 'page' || type === 'screen';
  const record: CanonicalRecord = {
    type,
    name: recordName(type, name),
    messageId: readMessageId(tree.messageId, context, issues),
    occurredAt: readOccurredAt(tree.occurredAt, context, issues),
    identities,
    profile: readSection('profile', tree.profile, context, issues) ?? {},
    properties: readSection('properties', tree.properties, context, issues) ?? {},
    consents: readConsents(tree.consents, issues),
    ...readConsentProof(tree.consentProof, issues),
    context: readSection('context', tree.context, context, issues) ?? {},
    flags: issues.flags,
  };
  if (isView && name !== '' && name !== record.name) record.properties.name ??= name;
  for (const section of ['order', 'product', 'store'] as const) {
    const read = readSection(section, tree[section], context, issues);
    if (read !== undefined) record[section] = read;
  }
  return { record };
}

/**
 * The type and the name that a mapped tree will have as a record; null where it can become none.
 *
 * @example recordTitle({ type: 'page', name: 'Shoes' }) // { type: 'page', name: 'Page Viewed' }
 */
export function recordTitle(tree: JsonObject): Pick<CanonicalRecord, 'type' | 'name'> | null {
  const name = readName(tree.name);
  const type = readType(tree.type, name);
  return type === undefined || name === null ? null : { type, name: recordName(type, name) };
}

/** The name of a page or screen is not the name of the event. */
function recordName(type: RecordType, name: string): string {
  return type === 'page' || type === 'screen' || name === '' ? DEFAULT_NAMES[type] || name : name;
}

function failure(code: ErrorCode, path: string, message: string): CanonicaliseResult {
  return { error: { code, places: [{ path, message }] } };
}

/** Null for a name that is no text. */
function readName(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value.trim() : null;
}

function readType(value: JsonValue | undefined, name: string | null): RecordType | undefined {
  if (value === undefined || value === null || value === '') return name === '' ? 'identify' : 'track';
  return typeof value === 'string' && Object.hasOwn(DEFAULT_NAMES, value) ? (value as RecordType) : undefined;
}

function readMessageId(value: JsonValue | undefined, { derivedMessageId }: CanonicaliseContext, issues: ReadIssues): string {
  const id = typeof value === 'string' ? value.trim() : Number.isSafeInteger(value) ? String(value) : '';
  if (id !== '' && id.length <= MAX_MESSAGE_ID) return id;
  if (value !== undefined && value !== null && value !== '') issues.invalid('messageId');
  return typeof derivedMessageId === 'string' ? derivedMessageId : derivedMessageId();
}

function readOccurredAt(value: JsonValue | undefined, context: CanonicaliseContext, issues: ReadIssues): number {
  if (value === undefined || value === null || value === '') return context.receivedAt;
  const at = readTime(value);
  if (at === undefined) {
    issues.invalid('occurredAt');
    return context.receivedAt;
  }
  if (at <= context.receivedAt + (context.clampFutureAfterMs ?? FIVE_MINUTES_MS)) return at;
  issues.add('occurred-at-clamped');
  return context.receivedAt;
}

function readSection(section: RecordSection, value: JsonValue | undefined, { dictionary }: CanonicaliseContext, issues: ReadIssues): JsonObject | undefined {
  return value === undefined || value === null ? undefined : dictionary.readers[section](value, issues);
}

/** Only a boolean is a decision: anything else must not be taken for consent. */
function readConsents(value: JsonValue | undefined, issues: ReadIssues): Record<string, boolean> {
  const consents: Record<string, boolean> = {};
  if (value === undefined || value === null) return consents;
  if (typeof value !== 'object' || Array.isArray(value)) {
    issues.add('consent-unreadable');
    return consents;
  }
  for (const key of Object.keys(value)) {
    const decision = value[key];
    if (typeof decision === 'boolean' && isConsentKey(key)) consents[key] = decision;
    else issues.add('consent-unreadable');
  }
  return consents;
}
