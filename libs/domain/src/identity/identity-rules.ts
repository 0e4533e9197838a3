import type { Identity } from '../canonical/canonical-record.js';
import { identityKey } from './identity-key.js';
import { DEFAULT_IDENTITY_SETTINGS, type IdentitySettings } from './identity-settings.js';
import { mailboxOf, type MailboxProvider } from './mailbox.js';
import { MAILBOX, NAMESPACES, type IdentityNamespace } from './namespaces.js';

/** Reads identities of one source beyond their spelling. */
export interface IdentityReader {
  /** The identity as it is stored, with the scope of its source; null for a value that the workspace has blocked. */
  admit(identity: Identity): Identity | null;
  /** What the identity is matched by besides itself. */
  mailboxOf(identity: Identity): Identity | undefined;
}

/** What the built-in namespaces and the settings of a workspace come to. */
export interface IdentityRules {
  /** Lower is stronger; of a namespace that nobody knows the weakest. */
  rankOf(namespace: string): number;
  /** Whether people share its values: they never join two known people. Of a namespace that nobody knows they do. */
  isShared(namespace: string): boolean;
  /** How many a person may come to have; Infinity for any number. */
  limitOf(namespace: string): number;
  breaker: { maxIdentities: number; maxMerges: number; withinMs: number };
  /** Undefined where the settings add nothing: identities are as they were normalised. */
  readerOf(connectionId: string): IdentityReader | undefined;
  /** What the source puts before its ids of a namespace, without the colon. */
  scopeOf(connectionId: string, namespace: string): string | undefined;
}

const HOUR_MS = 3_600_000;
const WEAKEST = Number.MAX_SAFE_INTEGER;

interface Effective {
  rank: number;
  isShared: boolean;
  limit: number;
}

/**
 * Compiles the settings of a workspace, once per version of its configuration.
 *
 * @param settings checked: see `identitySettingsProblems`
 * @example compileIdentityRules({ ...DEFAULT_IDENTITY_SETTINGS, namespaces: [{ namespace: 'phone', maxPerProfile: 2, blockedValues: [] }] }).limitOf('phone') // 2
 */
export function compileIdentityRules({ namespaces, scopes, mailboxRules, breaker }: IdentitySettings): IdentityRules {
  const own = new Map(namespaces.map((one) => [one.namespace, one]));
  const effective = new Map<string, Effective>([...NAMESPACES.values(), MAILBOX].map((namespace) => [namespace.name, effectiveOf(namespace, own.get(namespace.name))]));
  const blocked = new Set(namespaces.flatMap(({ namespace, blockedValues }) => blockedValues.flatMap((value) => blockedKeys(namespace, value))));
  const providers: ReadonlySet<MailboxProvider> = new Set(mailboxRules);
  const readers = new Map<string, IdentityReader>();
  const isPlain = blocked.size === 0 && providers.size === 0;
  const scoped = new Set(scopes.flatMap(({ connectionIds }) => connectionIds));
  return {
    rankOf: (namespace) => effective.get(namespace)?.rank ?? WEAKEST,
    isShared: (namespace) => effective.get(namespace)?.isShared ?? true,
    limitOf: (namespace) => effective.get(namespace)?.limit ?? Infinity,
    breaker: { maxIdentities: breaker.maxIdentities, maxMerges: breaker.maxMerges, withinMs: breaker.withinHours * HOUR_MS },
    readerOf(connectionId) {
      if (isPlain && !scoped.has(connectionId)) return undefined;
      let reader = readers.get(connectionId);
      if (reader === undefined) readers.set(connectionId, (reader = createReader(connectionId, { scopes, blocked, providers })));
      return reader;
    },
    scopeOf: (connectionId, namespace) => scopes.find((one) => one.namespace === namespace && one.connectionIds.includes(connectionId))?.scope,
  };
}

function effectiveOf({ rank, isDevice, maxPerProfile }: IdentityNamespace, own: IdentitySettings['namespaces'][number] | undefined): Effective {
  const isShared = isDevice || own?.isShared === true;
  return { rank: own?.rank ?? rank, isShared, limit: isShared ? Infinity : ((own?.maxPerProfile === undefined ? maxPerProfile : own.maxPerProfile) ?? Infinity) };
}

/** As written, and as it would be normalised: a number without its country is found under no country's spelling. */
function blockedKeys(namespace: string, value: string): string[] {
  const normal = NAMESPACES.get(namespace)?.normalise(value, {}) ?? null;
  return [value.trim(), ...(normal === null ? [] : [normal])].map((one) => identityKey({ namespace, value: one }));
}

function createReader(connectionId: string, { scopes, blocked, providers }: { scopes: IdentitySettings['scopes']; blocked: ReadonlySet<string>; providers: ReadonlySet<MailboxProvider> }): IdentityReader {
  const scopeOf = new Map<string, string>(scopes.flatMap(({ namespace, scope, connectionIds }) => (connectionIds.includes(connectionId) ? [[namespace, scope]] : [])));
  return {
    admit(identity) {
      if (blocked.has(identityKey(identity))) return null;
      const scope = scopeOf.get(identity.namespace);
      return scope === undefined ? identity : { namespace: identity.namespace, value: `${scope}:${identity.value}` };
    },
    mailboxOf: (identity) => (providers.size === 0 ? undefined : mailboxOf(identity, providers)),
  };
}

/** The rules of a workspace that has set nothing. */
export const BUILT_IN_IDENTITY_RULES: IdentityRules = compileIdentityRules(DEFAULT_IDENTITY_SETTINGS);
