import type { Identity } from '../canonical/canonical-record.js';
import { namespaceOf } from './identity-key.js';

/** What a person may grow to by records alone. */
export interface IdentityLimits {
  /** How many identities of a namespace a person may have; Infinity for any number. */
  limitOf(namespace: string): number;
  /** Of one person, devices with them. */
  maxIdentities: number;
  /** How many stored people may become one with a person within the time that {@link IdentityLimits.mergesOf} counts over. */
  maxMerges: number;
  /** The identities of a stored profile. */
  identitiesOf(profileId: string): readonly Identity[];
  /** How many others have become one with a stored profile lately. */
  mergesOf(profileId: string): number;
}

/** Which limit a link would break: of a namespace, of all identities of a person, or of people who become one in a short time. */
export type LimitBreach = { reason: 'too-many-of-namespace'; namespace: string; limit: number } | { reason: 'too-many-identities' | 'too-many-merges'; limit: number };

/** How large a person is, as far as limits ask. */
export class PersonSize {
  private readonly counts = new Map<string, number>();
  private total = 0;
  private merges = 0;
  private stored = 0;

  /** @param profile the stored profile with what it may count, where there is one */
  constructor(profile?: { identities: readonly Identity[]; merges: number }) {
    for (const { namespace } of profile?.identities ?? []) this.add(namespace);
    if (profile === undefined) return;
    this.merges = profile.merges;
    this.stored = 1;
  }

  add(namespace: string, count = 1): void {
    this.counts.set(namespace, (this.counts.get(namespace) ?? 0) + count);
    this.total += count;
  }

  /** Takes in another who is the same person. */
  unite(other: PersonSize): void {
    for (const [namespace, count] of other.counts) this.add(namespace, count);
    this.merges += other.merges + (this.stored > 0 && other.stored > 0 ? 1 : 0);
    this.stored += other.stored;
  }

  /** What stands against this and another being one. Whoever is beyond a limit already may still be joined with who adds nothing to it. */
  breachWith(other: PersonSize, { limitOf, maxIdentities, maxMerges }: IdentityLimits): LimitBreach | null {
    const broken = [...this.counts].filter(([namespace, count]) => {
      const others = other.counts.get(namespace) ?? 0;
      return others > 0 && count + others > limitOf(namespace);
    }).map(([namespace]) => namespace).sort();
    const [namespace] = broken;
    if (namespace !== undefined) return { reason: 'too-many-of-namespace', namespace, limit: limitOf(namespace) };
    if (this.total + other.total > maxIdentities) return { reason: 'too-many-identities', limit: maxIdentities };
    const isMerge = this.stored > 0 && other.stored > 0;
    return isMerge && this.merges + other.merges + 1 > maxMerges ? { reason: 'too-many-merges', limit: maxMerges } : null;
  }
}

/** What a plan gives to people, in the form in which `resolveIdentities` tells it. */
interface Growth {
  newIdentities: ReadonlyMap<string, string>;
  merges: readonly { winner: string; loser: string }[];
  movedIdentities: readonly { identityKey: string; to: string }[];
}

/**
 * Whether a plan that knows no limits might leave anybody beyond one. Costs next to nothing where a batch adds no identity to anybody, and asks for the identities of those alone who grow.
 *
 * @param limits `mergesOf` may tell more than there were lately: it is asked for exactly only where this is true
 * @example if (mayBreakLimits(plan, limits)) plan = resolveWithinLimits(input, limits);
 */
export function mayBreakLimits({ newIdentities, merges, movedIdentities }: Growth, limits: IdentityLimits): boolean {
  if (newIdentities.size === 0 && merges.length === 0 && movedIdentities.length === 0) return false;
  const winners = new Map(merges.map(({ winner, loser }) => [loser, winner]));
  const added = new Map<string, string[]>();
  const note = (profileId: string, key: string): void => {
    const root = winners.get(profileId) ?? profileId;
    const own = added.get(root);
    if (own === undefined) added.set(root, [key]);
    else own.push(key);
  };
  for (const [key, profileId] of newIdentities) note(profileId, key);
  for (const { identityKey, to } of movedIdentities) note(to, identityKey);
  const losers = new Map<string, string[]>();
  for (const { winner, loser } of merges) losers.set(winner, [...(losers.get(winner) ?? []), loser]);
  for (const [profileId, keys] of added) if (!losers.has(profileId) && isGrownBeyond(profileId, keys, limits)) return true;
  return [...losers].some(([winner, own]) => isMergedBeyond([winner, ...own], added.get(winner) ?? [], limits));
}

/** Only the namespaces of what is new can have come beyond their limits. */
function isGrownBeyond(profileId: string, keys: readonly string[], { limitOf, maxIdentities, identitiesOf }: IdentityLimits): boolean {
  const identities = identitiesOf(profileId);
  const total = identities.length + keys.length;
  if (total > maxIdentities) return true;
  return keys.some((key) => {
    const namespace = namespaceOf(key);
    const limit = limitOf(namespace);
    if (total <= limit) return false;
    let count = 0;
    for (const identity of identities) if (identity.namespace === namespace) count += 1;
    for (const other of keys) if (namespaceOf(other) === namespace) count += 1;
    return count > limit;
  });
}

function isMergedBeyond(profileIds: readonly string[], keys: readonly string[], { limitOf, maxIdentities, maxMerges, identitiesOf, mergesOf }: IdentityLimits): boolean {
  const namespaces = [...keys.map(namespaceOf), ...profileIds.flatMap((profileId) => identitiesOf(profileId).map(({ namespace }) => namespace))];
  const merges = profileIds.reduce((sum, profileId) => sum + mergesOf(profileId), profileIds.length - 1);
  if (namespaces.length > maxIdentities || merges > maxMerges) return true;
  const counts = new Map<string, number>();
  return namespaces.some((namespace) => {
    const count = (counts.get(namespace) ?? 0) + 1;
    counts.set(namespace, count);
    return count > limitOf(namespace);
  });
}
