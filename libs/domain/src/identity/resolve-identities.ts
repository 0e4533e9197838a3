import { FirsthandError } from '../errors/firsthand-error.js';
import { compareText } from './compare-text.js';
import type { IdentityLimits } from './identity-limits.js';
import { BUILT_IN_IDENTITY_RULES, type IdentityRules } from './identity-rules.js';
import { joinWithinLimits, type HeldLink } from './join-within-limits.js';
import type { Entry, Key, ResolvableRecord } from './resolvable-record.js';
import { IdentityGraph, type MovedIdentity, type ProfileMerge, type StoredProfile } from './identity-graph.js';
import { identityKey } from './identity-key.js';

export type { ResolvableRecord } from './resolvable-record.js';

/** Everything {@link resolveIdentities} needs, read in the caller's transaction. */
export interface ResolveInput {
  records: readonly ResolvableRecord[];
  /** Identity key → profile id, aliases resolved, for every identity of the batch that is stored. */
  known: ReadonlyMap<string, string>;
  /** Those of `known` that are no device and that nothing has proven to be their owner's. */
  claims: ReadonlySet<string>;
  /** Every profile that `known` names. */
  profiles: ReadonlyMap<string, StoredProfile>;
  /** The workspace's; the built-in ones when left out. */
  rules?: Pick<IdentityRules, 'rankOf' | 'isShared'>;
  newProfileId(): string;
}

/** A link that a record asked for and did not get. The identity stays with whom it belongs to. */
export interface RefusedLink {
  record: number;
  identityKey: string;
  /**
   * `public-key-claim`: an unverified record named a second person. `device-shared`: the device, or what the workspace calls shared, already belongs to another known person.
   * `limit`: a device, or what is only claimed, would bring the person beyond a limit. `held`: a verified record named it, and the link, or one that leads to it, waits for a decision.
   */
  reason: 'public-key-claim' | 'device-shared' | 'limit' | 'held';
}

/** Who is who after this batch. */
export interface ResolvePlan {
  /** Final profile id per record. */
  assignment: string[];
  /** Profiles to create. */
  newProfiles: string[];
  /** For identities that were not stored: key → profile id; of people who merge, the one whom it came to, which an undo of the merge gives it back to. */
  newIdentities: Map<string, string>;
  merges: ProfileMerge[];
  /** Claims that verified records gave to another person than the one who had them. */
  movedIdentities: MovedIdentity[];
  refusedLinks: RefusedLink[];
  /** Links of verified records that would break a limit: none without limits. Each end stays with whom it belongs to, the record with its strongest identity. */
  heldLinks: HeldLink[];
}

/**
 * Decides which person each record of a batch belongs to, which profiles merge and which links are refused. Pure.
 * - Verified records join all people that their non-device identities name.
 * - What is only claimed joins nobody to a proven person: a claim goes where the verified records that name it go. A profile without any proof
 *   goes along with its claim.
 * - A device joins an anonymous profile to a person; it never joins two known people.
 * - Unverified records never join two known people; they may add one unseen identity per namespace to a person.
 *
 * Verified records are taken first and as a set: their outcome does not depend on their order. The oldest profile wins a merge, then the
 * smallest id.
 *
 * @throws FirsthandError `MISSING_IDENTITY` for a record without identities.
 * @example resolveIdentities({ records, known, profiles, newProfileId: () => randomUUID() }).assignment[0]
 */
export function resolveIdentities(input: ResolveInput): ResolvePlan {
  return resolve(input);
}

/**
 * The same within limits on what a person may grow to by records alone. Links of verified records are taken by a fixed priority over the whole batch (rank of the namespaces, time, id of the record); one that would break
 * a limit is held, so that a person can decide on it. Devices and claims that would are refused: they come again by themselves. What is one person already stays so.
 *
 * @throws FirsthandError `MISSING_IDENTITY` for a record without identities.
 * @example resolveWithinLimits(input, limits).heldLinks[0]?.breach.reason // 'too-many-of-namespace'
 */
export function resolveWithinLimits(input: ResolveInput, limits: IdentityLimits): ResolvePlan {
  return resolve(input, limits);
}

function resolve(input: ResolveInput, limits?: IdentityLimits): ResolvePlan {
  const rules = input.rules ?? BUILT_IN_IDENTITY_RULES;
  const refusedLinks: RefusedLink[] = [];
  const entries = input.records.map((record, index) => toEntry(record, index, rules));
  const homes: number[] = [];

  const verified = entries.filter((entry) => input.records[entry.record]?.isVerified === true);
  const claims = namedClaims(verified, input.claims);
  const graph = new IdentityGraph(input.known, input.profiles, input.claims, limits, limits === undefined ? undefined : new Set(claims.map(({ key }) => key)));
  const heldLinks = limits === undefined ? [] : joinWithinLimits(graph, verified, input.records);
  if (limits === undefined) for (const entry of verified) joinPersons(graph, entry);
  graph.openClaims(claims);
  linkDevicesAsSet(graph, verified, homes, refusedLinks);

  refusedLinks.push(...keptApart(graph, verified, homes, new Set(heldLinks.map(({ record }) => record))));
  for (const entry of entries) {
    if (input.records[entry.record]?.isVerified !== true) homes[entry.record] = placeClaim(graph, entry, refusedLinks);
  }
  const plan = toPlan(graph, { homes, claims, refusedLinks, heldLinks }, input.newProfileId);
  // Nobody new has a side of their own.
  if (plan.merges.length > 0) for (const [key, profileId] of sidesOfNew(graph, entries, input)) plan.newIdentities.set(key, profileId);
  return plan;
}

/**
 * Of identities that are new to people who merge: the stored profile that the fewest records lie between, then the older one, then the smaller id. So each keeps its own when the merge is undone,
 * and what was decided before it is the one's who decided it.
 */
function sidesOfNew(graph: IdentityGraph, entries: readonly Entry[], { known, profiles }: ResolveInput): Map<string, string> {
  const found = new Map<string, string>();
  const compare = (a: string, b: string): number => (profiles.get(a)?.createdAt ?? Infinity) - (profiles.get(b)?.createdAt ?? Infinity) || compareText(a, b);
  const sideOf = (key: string): string | undefined => found.get(key) ?? known.get(key);
  const named = entries.map(({ persons, devices }) => [...persons, ...devices].map(({ key }) => key));
  for (let reached = new Map<string, string>(); ; reached = new Map()) {
    for (const keys of named) {
      for (const key of keys) {
        if (sideOf(key) !== undefined) continue;
        const sides = [reached.get(key), ...keys.map(sideOf)].filter((side) => side !== undefined && graph.isOf(key, side));
        const [oldest] = (sides as string[]).sort(compare);
        if (oldest !== undefined) reached.set(key, oldest);
      }
    }
    if (reached.size === 0) return found;
    for (const [key, side] of reached) found.set(key, side);
  }
}

/** What records with a held link name, and is another person's. */
function keptApart(graph: IdentityGraph, entries: readonly Entry[], homes: readonly number[], held: ReadonlySet<number>): RefusedLink[] {
  if (held.size === 0) return [];
  return entries.filter(({ record }) => held.has(record)).flatMap(({ record, persons }) => persons
    .filter(({ key }) => graph.owner(key) !== graph.root(homes[record] as number)).map(({ key }): RefusedLink => ({ record, identityKey: key, reason: 'held' })));
}

/** The claims that verified records name, strongest first. */
function namedClaims(verified: readonly Entry[], claims: ReadonlySet<string>): { key: string; record: number }[] {
  const named = new Map<string, { key: string; record: number; rank: number }>();
  for (const { record, persons } of verified) {
    for (const { key, rank } of persons) if (claims.has(key) && !named.has(key)) named.set(key, { key, record, rank });
  }
  return [...named.values()].sort((a, b) => a.rank - b.rank || compareText(a.key, b.key));
}

function toEntry(record: ResolvableRecord, index: number, { rankOf, isShared }: Pick<IdentityRules, 'rankOf' | 'isShared'>): Entry {
  if (record.identities.length === 0) throw new FirsthandError('MISSING_IDENTITY', `Record ${index} has no identity.`);
  const keys = record.identities
    .map((identity) => ({ key: identityKey(identity), namespace: identity.namespace, rank: rankOf(identity.namespace) }))
    .sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
  return {
    record: index,
    persons: keys.filter(({ namespace }) => !isShared(namespace)),
    devices: keys.filter(({ namespace }) => isShared(namespace)),
  };
}

function joinPersons(graph: IdentityGraph, { persons, record }: Entry): void {
  const [first, ...others] = persons;
  if (first === undefined) return;
  const home = graph.ownerOrNew(first.key, false);
  for (const { key } of others) graph.join(home, graph.ownerOrNew(key, false), record);
}

interface DeviceLink {
  record: number;
  device: string;
  /** The person, or the stronger device, at the other end. */
  to: number;
}

/**
 * A device can end with one person only, so the order of its links decides. It is taken from the people themselves (oldest first), not from
 * the order of records; links to people come before links between devices.
 */
function linkDevicesAsSet(graph: IdentityGraph, entries: readonly Entry[], homes: number[], refusedLinks: RefusedLink[]): void {
  const toPersons: DeviceLink[] = [];
  const toDevices: (DeviceLink & { toKey: string })[] = [];
  for (const { record, persons, devices } of entries) {
    const [strongest] = persons.length > 0 ? persons : devices;
    if (strongest === undefined) continue;
    const home = graph.ownerOrNew(strongest.key, persons.length === 0);
    homes[record] = home;
    for (const { key } of devices) {
      if (key === strongest.key) continue;
      if (persons.length > 0) toPersons.push({ record, device: key, to: home });
      else toDevices.push({ record, device: key, to: home, toKey: strongest.key });
    }
  }
  // Compared as they are now: people's rank must not shift while their links are taken.
  const place = new Map([...new Set(toPersons.map(({ to }) => to))].sort((a, b) => graph.compare(a, b)).map((person, index) => [person, index]));
  toPersons.sort((a, b) => compareText(a.device, b.device) || (place.get(a.to) ?? 0) - (place.get(b.to) ?? 0));
  toDevices.sort((a, b) => compareText(a.device, b.device) || compareText(a.toKey, b.toKey));
  for (const link of [...toPersons, ...toDevices]) linkDevice(graph, link, refusedLinks);
}

function linkDevice(graph: IdentityGraph, { record, device, to }: DeviceLink, refusedLinks: RefusedLink[]): void {
  const owner = graph.owner(device);
  if (owner === graph.root(to)) return;
  const reason = reasonAgainst(graph, device, owner, to);
  if (reason !== null) refusedLinks.push({ record, identityKey: device, reason });
  else if (owner === undefined) graph.attach(device, true, to);
  else graph.join(to, owner, record);
}

function reasonAgainst(graph: IdentityGraph, device: string, owner: number | undefined, to: number): RefusedLink['reason'] | null {
  if (owner !== undefined && graph.isKnown(owner) && graph.isKnown(to)) return 'device-shared';
  const breach = owner === undefined ? graph.breachOf(device, to) : graph.breach(to, owner);
  return breach === null ? null : 'limit';
}

/** Places one unverified record: with the owner of its strongest owned identity, else with the anonymous owner of its device, else anew. */
function placeClaim(graph: IdentityGraph, { record, persons, devices }: Entry, refusedLinks: RefusedLink[]): number {
  const named = persons.length > 0 ? persons : devices;
  const anchor = named.find(({ key }) => graph.owner(key) !== undefined) ?? (named[0] as Key);
  const home = graph.ownerOrNew(anchor.key, persons.length === 0);
  const taken = new Set([anchor.namespace]);
  for (const { key, namespace } of persons) {
    if (key === anchor.key) continue;
    const owner = graph.owner(key);
    if (owner === undefined && !taken.has(namespace)) {
      if (graph.breachOf(key, home) === null) graph.attach(key, false, home);
      else refusedLinks.push({ record, identityKey: key, reason: 'limit' });
    } else if (owner !== graph.root(home)) refusedLinks.push({ record, identityKey: key, reason: 'public-key-claim' });
    taken.add(namespace);
  }
  for (const { key } of devices) if (key !== anchor.key) linkDevice(graph, { record, device: key, to: home }, refusedLinks);
  return home;
}

interface Resolved extends Pick<ResolvePlan, 'refusedLinks' | 'heldLinks'> {
  homes: readonly number[];
  claims: readonly { key: string; record: number }[];
}

function toPlan(graph: IdentityGraph, { homes, claims, refusedLinks, heldLinks }: Resolved, newProfileId: () => string): ResolvePlan {
  const newProfiles: string[] = [];
  const create = (): string => {
    const profileId = newProfileId();
    newProfiles.push(profileId);
    return profileId;
  };
  const merges = graph.merges();
  const assignment = homes.map((home) => graph.profileId(home, create));
  const movedIdentities = graph.moved(claims, create);
  const newIdentities = new Map<string, string>();
  for (const [key, person] of graph.newKeys()) newIdentities.set(key, graph.profileId(person, create));
  return { assignment, newProfiles, newIdentities, merges, movedIdentities, refusedLinks, heldLinks };
}
