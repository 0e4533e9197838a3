import { changeSets, memberKey, type MembershipState } from './member-set.js';

/** Notes which sets the recipient itself names as its members, by their keys. */
export function noteListed(states: readonly MembershipState[], keys: ReadonlySet<string>, startedAt: number): MembershipState[] {
  return changeSets(states, (set) => (keys.has(memberKey(set.identifiers)) ? { ...set, listedAt: startedAt } : set));
}

/**
 * Opens what a recipient's whole list contradicts: who was confirmed to be in before it was begun and is not on it, or out and is on it. What was confirmed since then
 * the list cannot know.
 *
 * @example weighListing(noteListed(states, new Set([memberKey({ email })]), startedAt), startedAt)
 */
export function weighListing(states: readonly MembershipState[], startedAt: number): MembershipState[] {
  return changeSets(states, (set) => {
    if (set.state === 'open' || set.at >= startedAt || (set.state === 'in') === (set.listedAt === startedAt)) return set;
    return { ...set, state: 'open', deliveryId: '' };
  });
}
