import type { IdentityReader } from '../identity/identity-rules.js';
import { NAMESPACES } from '../identity/namespaces.js';
import type { JsonValue } from '../json.js';
import type { Identity } from './canonical-record.js';
import type { ReadIssues } from './read-issues.js';

/** More identities than a person has in one record: a mistake, or an attempt to melt many people into one. */
const MAX_IDENTITIES = 20;

/** Reads `{ namespace: value | value[] }`: normalised, unique, strongest namespace first. What names nobody is dropped and flagged, also by the reader of the source. */
export function readIdentities(tree: JsonValue | undefined, issues: ReadIssues, reader?: IdentityReader): Identity[] {
  const identities: Identity[] = [];
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) return identities;
  for (const name of Object.keys(tree)) {
    const given = tree[name];
    // A name that is not in the table may be anything, so it is not repeated in the flag.
    if (!NAMESPACES.has(name)) issues.add('identity-dropped:unknown');
    else if (Array.isArray(given)) for (const value of given) addIdentity(identities, name, value, issues, reader);
    else if (given !== undefined && given !== null && given !== '') addIdentity(identities, name, given, issues, reader);
  }
  if (reader !== undefined) addMailboxes(identities, reader);
  if (identities.length > 1) identities.sort((a, b) => rankOf(a) - rankOf(b));
  if (identities.length <= MAX_IDENTITIES) return identities;
  issues.add('identities-truncated');
  return identities.slice(0, MAX_IDENTITIES);
}

function addIdentity(identities: Identity[], namespace: string, given: JsonValue, issues: ReadIssues, reader?: IdentityReader): void {
  const text = typeof given === 'string' ? given : Number.isSafeInteger(given) ? String(given) : '';
  const value = text === '' ? null : (NAMESPACES.get(namespace)?.normalise(text, issues) ?? null);
  const identity = value === null ? null : reader === undefined ? { namespace, value } : reader.admit({ namespace, value });
  if (identity === null) issues.add(value === null ? `identity-dropped:${namespace}` : `identity-blocked:${namespace}`);
  else add(identities, identity);
}

function addMailboxes(identities: Identity[], reader: IdentityReader): void {
  for (const identity of [...identities]) {
    const mailbox = reader.mailboxOf(identity);
    if (mailbox !== undefined) add(identities, mailbox);
  }
}

function add(identities: Identity[], identity: Identity): void {
  if (!identities.some((known) => known.namespace === identity.namespace && known.value === identity.value)) identities.push(identity);
}

function rankOf({ namespace }: Identity): number {
  return NAMESPACES.get(namespace)?.rank ?? Number.MAX_SAFE_INTEGER;
}
