import type { MembershipState, MemberSet } from './member-set.js';
import { memberKey } from './member-set.js';
import { noteListed, weighListing } from './weigh-listing.js';

const STARTED_AT = 10;
const state = (of: MemberSet['state'], at: number): MembershipState => ({ profileId: 'p', sets: [{ identifiers: { email: 'Ana@example.com', listId: '7' }, state: of, digest: null, at, deliveryId: 'd', holders: [] }] });
const weighed = (given: MembershipState, isListed: boolean): string | undefined => (
  weighListing(noteListed([given], new Set(isListed ? [memberKey({ listId: '7', email: 'ana@example.com' })] : []), STARTED_AT), STARTED_AT)[0]?.sets[0]?.state);

it.each<[MemberSet['state'], number, boolean, MemberSet['state']]>([
  ['in', 9, true, 'in'], ['in', 9, false, 'open'], ['out', 9, false, 'out'], ['out', 9, true, 'open'], ['open', 9, true, 'open'],
  // Confirmed since the listing began: it cannot know.
  ['in', 10, false, 'in'], ['out', 11, true, 'out'],
])('who is confirmed to be %s since %i and is listed: %s, is %s', (of, at, isListed, expected) => {
  expect(weighed(state(of, at), isListed)).toBe(expected);
});

it('takes no word of an earlier listing', () => {
  const listed = noteListed([state('out', 1)], new Set([memberKey({ email: 'ana@example.com', listId: '7' })]), 5);
  expect(weighListing(listed, STARTED_AT)[0]?.sets[0]?.state).toBe('out');
});
