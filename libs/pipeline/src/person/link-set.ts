import { BUILT_IN_IDENTITY_RULES, identityKey, isSaidBefore, MAX_NAMED_LINKS, namespaceOf, noteLinks, pairKey, resolveLinks, type IdentityRules, type LimitBreach, type LinkOfSet, type NamedLink, type Profile } from '@firsthand/domain';
import { isClaim, isProven } from '../consent/move-claims.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { IdentityLinkRow } from '../ports/rows.js';
import type { StoreReads } from '../ports/store.js';
import { saidOfRow } from './link-rows.js';

/** How many people links may bring together to be looked at as one set. */
export const MAX_LINKED_PEOPLE = 50;
const MAX_ROWS = 500;

/** A link of a set, with the row in which it waits or was decided, where there is one. */
export interface SetLink extends LinkOfSet, NamedLink {
  row?: IdentityLinkRow;
}

/** All that hangs together with a link: who is there by links that were joined, and what waits between them. */
export interface LinkSet {
  /** Everybody, by profile id. */
  people: Map<string, Profile>;
  /** identityKey → the profile that it was given to, and the one at whose root that is now; of what nobody has nothing. */
  given: Map<string, string>;
  owners: Map<string, string>;
  links: SetLink[];
}

/** What the set comes to by the fixed priority, against how it stands. */
export interface LinkPlan {
  /** Links that have their place, in their order; and those of them that wait. */
  joined: SetLink[];
  joins: SetLink[];
  /** Links that are joined, and have to give way, with the limit that they would break. */
  givesWay: { link: SetLink; breach: LimitBreach }[];
  /** Identities of one person each. */
  groups: string[][];
}

/** What is read of a workspace to look at its links. */
export interface LinkSetContext {
  configuration: Pick<WorkspaceConfiguration, 'workspaceId' | 'identityRules'>;
  now: number;
}

/**
 * Reads everybody whom a link brings together with others, by links that were joined and by such as wait: those that were rejected, or accepted and taken back, say nothing any more. What the breaker for many merges in a short time holds is not among them before that time is over. Null where these are too many.
 *
 * @param keys identities of one of them
 */
export async function readLinkSet(tx: Pick<StoreReads, 'findIdentities' | 'findProfiles' | 'findIdentityLinksOf'>, keys: readonly string[], { configuration: { workspaceId, identityRules: rules = BUILT_IN_IDENTITY_RULES }, now }: LinkSetContext): Promise<LinkSet | null> {
  const [people, given, owners, rows] = [new Map<string, Profile>(), new Map<string, string>(), new Map<string, string>(), new Map<string, IdentityLinkRow>()];
  const seen = new Set<string>();
  for (let asked = [...new Set(keys)]; asked.length > 0;) {
    for (const key of asked) seen.add(key);
    const found = await tx.findIdentityLinksOf(workspaceId, asked, MAX_ROWS);
    for (const row of found) rows.set(row.linkId, row);
    for (const [key, profileId] of await tx.findIdentities(workspaceId, asked)) given.set(key, profileId);
    const profiles = await tx.findProfiles(workspaceId, [...new Set(asked.flatMap((key) => given.get(key) ?? []))]);
    for (const key of asked) {
      const owner = profiles.get(given.get(key) ?? '');
      if (owner === undefined) continue;
      owners.set(key, owner.profileId);
      people.set(owner.profileId, owner);
    }
    if (found.length === MAX_ROWS || rows.size >= MAX_ROWS || people.size > MAX_LINKED_PEOPLE) return null;
    const named = [...[...rows.values()].filter((row) => isWaiting(row, rules, now)).flatMap((row) => row.keys), ...[...profiles.values()].flatMap((profile) => ownKeys(profile, rules))];
    asked = [...new Set(named)].filter((key) => !seen.has(key));
  }
  if ([...people.values()].some(({ links = [] }) => links.length >= MAX_NAMED_LINKS)) return null;
  return { people, given, owners, links: linksOf({ people, owners, rows: [...rows.values()] }, rules, now) };
}

/** What a set comes to. Pure. */
export function planLinks({ people, owners, links }: LinkSet, rules: IdentityRules = BUILT_IN_IDENTITY_RULES): LinkPlan {
  const { groups, held } = resolveLinks([...people.values()].flatMap((profile) => ownKeys(profile, rules)), links, rules);
  const isResident = ({ keys: [one, other] }: SetLink): boolean => owners.has(one) && owners.get(one) === owners.get(other);
  const rankOf = (key: string): number => rules.rankOf(namespaceOf(key));
  const order = (one: SetLink, other: SetLink): number => rankOf(one.keys[0]) - rankOf(other.keys[0]) || rankOf(one.keys[1]) - rankOf(other.keys[1]) || (isSaidBefore(one, other) ? -1 : 1);
  const joined = links.filter((link) => !held.has(link)).sort(order);
  return {
    groups,
    joined,
    joins: joined.filter((link) => !isResident(link)),
    givesWay: [...held].flatMap(([link, breach]) => (isResident(link) ? [{ link, breach }] : [])),
  };
}

/** The identities of a profile that a link may bring or take: what people share goes its own way, and so does what is only claimed for somebody who is known otherwise. */
export function ownKeys(profile: Profile, { isShared }: Pick<IdentityRules, 'isShared'>): string[] {
  return profile.identities.filter(({ namespace }) => !isShared(namespace)).map(identityKey).filter((key) => !isProven(profile) || !isClaim(profile, key));
}

function isWaiting({ state, breach, at }: IdentityLinkRow, { breaker }: Pick<IdentityRules, 'breaker'>, now: number): boolean {
  return state === 'pending' && (breach.reason !== 'too-many-merges' || now - at >= breaker.withinMs);
}

function linksOf({ people, owners, rows }: Pick<LinkSet, 'people' | 'owners'> & { rows: readonly IdentityLinkRow[] }, rules: IdentityRules, now: number): SetLink[] {
  const links = new Map<string, SetLink>();
  const note = (link: SetLink): void => {
    const key = pairKey(link.keys);
    const known = links.get(key);
    const first = known !== undefined && isSaidBefore(known, link) ? known : link;
    links.set(key, { ...first, ...(known?.row ?? link.row) === undefined ? {} : { row: known?.row ?? link.row }, isFixed: known?.isFixed === true || link.isFixed === true });
  };
  for (const profile of people.values()) {
    const own = new Set(ownKeys(profile, rules));
    for (const link of profile.links ?? []) if (link.keys.every((key) => own.has(key))) note({ ...link, isFixed: link.eventId === UNKNOWN_EVENT });
  }
  // Whoever accepts a link has said it of all that both have: that stays as it is, beyond the limits too.
  const decided = new Set<string>();
  for (const row of rows) {
    const [one, other] = row.keys.map((key) => owners.get(key));
    if (isWaiting(row, rules, now)) note({ ...saidOfRow(row), row });
    else if (row.state === 'accepted' && one !== undefined && one === other) {
      note({ ...saidOfRow(row), row });
      if (row.isByPriority !== true) decided.add(one);
    }
  }
  for (const profile of people.values()) for (const link of unexplained(profile, decided.has(profile.profileId) ? [] : [...links.values()], rules)) note(link);
  return [...links.values()];
}

/** By which event nobody knows. */
const UNKNOWN_EVENT = '';

/** Identities of a person of whom none of these links says how they came to be one: they stay with the strongest. */
function unexplained(profile: Profile, links: readonly NamedLink[], rules: IdentityRules): SetLink[] {
  const own = ownKeys(profile, rules);
  const strongest = strongestOf(own, rules);
  return groupsOf(own, links).flatMap((group): SetLink[] => {
    const first = strongestOf(group, rules);
    return first === undefined || strongest === undefined || group.includes(strongest) ? [] : [{ keys: [strongest, first], at: 0, eventId: UNKNOWN_EVENT, connectionId: '', isFixed: true }];
  });
}

/** Identities that hang together by links among them. */
function groupsOf(keys: readonly string[], links: readonly NamedLink[]): string[][] {
  const groups = new Map(keys.map((key) => [key, [key]]));
  for (const { keys: [one, other] } of links) {
    const [group, joined] = [groups.get(one), groups.get(other)];
    if (group === undefined || joined === undefined || group === joined) continue;
    group.push(...joined);
    for (const key of joined) groups.set(key, group);
  }
  return [...new Set(groups.values())];
}

/**
 * Notes on a profile, in place, which of its identities are one by nobody knows what: from before links were noted, or by a person's word. To be done before a new link is noted or anybody joins them: a record that names both
 * later on would else be taken for the first that said so, and give way to what came after.
 */
export function noteUnexplained(profile: Profile, rules: IdentityRules = BUILT_IN_IDENTITY_RULES): void {
  if (isProven(profile)) noteLinks(profile, unexplained(profile, profile.links ?? [], rules).map(({ keys, at, eventId, connectionId }) => ({ keys, at, eventId, connectionId })));
}

/** Of identities the one of the lowest rank, then the smallest. */
export function strongestOf(keys: readonly string[], { rankOf }: Pick<IdentityRules, 'rankOf'>): string | undefined {
  const rank = (key: string): number => rankOf(namespaceOf(key));
  return [...keys].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))[0];
}
