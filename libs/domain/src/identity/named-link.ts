import type { Identity } from '../canonical/canonical-record.js';
import { compareText } from './compare-text.js';
import type { IdentityRules } from './identity-rules.js';
import { identityKey } from './identity-key.js';
import { pairsOf } from './join-within-limits.js';

/** That a verified record named two identities as one person's: what says who is one with whom, and by which priority. */
export interface NamedLink {
  /** `namespace|value`, the stronger one first. */
  keys: [string, string];
  /** When the first event that named both happened, epoch ms; its id, and the source that it came through. */
  at: number;
  eventId: string;
  connectionId: string;
}

/** A profile with so many links gets no more: what its links come to is then not told. */
export const MAX_NAMED_LINKS = 256;

type WithLinks = { links?: NamedLink[] };

/**
 * The links that a verified record asks for: each of its identities with the strongest, a mailbox with its address; none of those that people share.
 *
 * @example namedPairs([{ namespace: 'phone', value: '+86…' }, { namespace: 'userId', value: 'u1' }], rules) // [['userId|u1', 'phone|+86…']]
 */
export function namedPairs(identities: readonly Identity[], { rankOf, isShared }: Pick<IdentityRules, 'rankOf' | 'isShared'>): [string, string][] {
  const keys = identities.filter(({ namespace }) => !isShared(namespace)).map((identity) => ({ key: identityKey(identity), namespace: identity.namespace, rank: rankOf(identity.namespace) }));
  return pairsOf(keys.sort((a, b) => a.rank - b.rank || compareText(a.key, b.key))).map(([from, to]) => [from.key, to.key]);
}

/** What names the same two, in whichever order. */
export function pairKey([one, other]: readonly [string, string]): string {
  return one < other ? `${one}\n${other}` : `${other}\n${one}`;
}

/** Orders two that name the same by when it was said, then the id of the event. */
export function isSaidBefore(one: Pick<NamedLink, 'at' | 'eventId'>, other: Pick<NamedLink, 'at' | 'eventId'>): boolean {
  return one.at === other.at ? one.eventId < other.eventId : one.at < other.at;
}

/** Notes on a profile, in place, what links its identities; of what was said twice the first. Gives whether that is news. */
export function noteLinks(profile: WithLinks, links: readonly NamedLink[]): boolean {
  const news = links.filter((link) => {
    const pair = pairKey(link.keys);
    const known = profile.links?.find(({ keys }) => pairKey(keys) === pair);
    return known === undefined ? (profile.links?.length ?? 0) < MAX_NAMED_LINKS : isSaidBefore(link, known);
  });
  if (news.length > 0) Object.assign(profile, namedLinksOf(() => true, profile, { links: news }));
  return news.length > 0;
}

/** Of the links of people those between two identities that stay with one of them, as they become one, are told apart, or as an identity is taken off: absent for none. */
export function namedLinksOf(isOwn: (key: string) => boolean, ...people: readonly WithLinks[]): WithLinks {
  const kept = new Map<string, NamedLink>();
  for (const link of people.flatMap(({ links = [] }) => links)) {
    const pair = pairKey(link.keys);
    const known = kept.get(pair);
    if (link.keys.every(isOwn) && (known === undefined || isSaidBefore(link, known))) kept.set(pair, link);
  }
  return kept.size === 0 ? {} : { links: [...kept.values()].slice(0, MAX_NAMED_LINKS) };
}

/** Takes the links of an identity off a profile, in place. */
export function forgetLinks(profile: WithLinks, key: string): void {
  if (profile.links === undefined) return;
  const left = namedLinksOf((one) => one !== key, profile);
  delete profile.links;
  Object.assign(profile, left);
}
