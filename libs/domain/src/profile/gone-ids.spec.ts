import type { Identity } from '../canonical/canonical-record.js';
import { forgetGoneId, goneIdsOf, isGoneId, noteGone, standsFor } from './gone-ids.js';
import type { Profile } from './profile.js';

const id = (value: string, namespace = 'customerId'): Identity => ({ namespace, value });
const said = (type: 'alias' | 'delete' | 'identify', occurredAt: number, ...identities: Identity[]) => ({ type, occurredAt, identities });
const none = (): boolean => false;

describe('ids that a system has taken away', () => {
  let profile: Pick<Profile, 'goneIds' | 'mergedIds'>;
  const gone = (...keys: string[]): string[] => keys.filter((key) => isGoneId(profile, `customerId|${key}`));
  beforeEach(() => {
    profile = {};
  });

  it('are those of a deletion, and of an alias all but the first of each namespace', () => {
    noteGone(profile, said('alias', 5, id('shop.a:2'), id('a@example.com', 'email'), id('shop.a:1')), none);
    noteGone(profile, said('delete', 6, id('3')), none);
    noteGone(profile, said('identify', 7, id('4')), none);
    expect(gone('shop.a:1', 'shop.a:2', '3', '4')).toEqual(['shop.a:1', '3']);
    expect(isGoneId(profile, 'email|a@example.com')).toBe(false);
  });

  it('are so until a later record names one, and not for an earlier one', () => {
    noteGone(profile, said('delete', 5, id('1'), id('2')), none);
    noteGone(profile, said('identify', 4, id('1')), none);
    expect(gone('1', '2')).toEqual(['1', '2']);
    noteGone(profile, said('identify', 6, id('1')), none);
    expect(gone('1', '2')).toEqual(['2']);
    noteGone(profile, said('identify', 7, id('2')), none);
    expect(profile).toEqual({});
  });

  it('lead to what stands for them, where the system has merged what they named, and only the system takes that back', () => {
    const isOwn = ({ namespace }: Identity): boolean => namespace === 'customerId';
    noteGone(profile, said('identify', 5, id('3'), id('1'), id('a@example.com', 'email'), id('2'), id('b@example.com', 'email')), none, isOwn);
    noteGone(profile, said('alias', 6, id('4'), id('3')), none, isOwn);
    expect([gone('1', '2', '3', '4'), ['1', '2', '3', '4'].map((one) => standsFor(profile, `customerId|${one}`))]).toEqual([['1', '2', '3'], ['customerId|4', 'customerId|4', 'customerId|4', 'customerId|4']]);
    expect(isGoneId(profile, 'email|b@example.com')).toBe(false);
    noteGone(profile, said('identify', 7, id('1')), none);
    expect(gone('1')).toEqual(['1']);
    // Of somebody else nothing is kept, also not what stands for an id.
    expect(goneIdsOf((key) => key === 'customerId|2', profile)).toEqual({ goneIds: { 'customerId|2': 5 } });
    noteGone(profile, said('identify', 7, id('1')), none, isOwn);
    forgetGoneId(profile, 'customerId|4');
    expect(profile).toEqual({ goneIds: { 'customerId|2': 5, 'customerId|3': 6 }, mergedIds: { 'customerId|2': 'customerId|3' } });
  });

  it('are nobody else\'s', () => {
    noteGone(profile, said('delete', 5, id('1')), (key) => key === 'customerId|1');
    expect(profile).toEqual({});
  });

  it('go with those whose ids they are', () => {
    const [one, other] = [{ goneIds: { 'customerId|1': 5, 'customerId|2': 9 } }, { goneIds: { 'customerId|2': 7 } }];
    expect([goneIdsOf(() => true, one, other), goneIdsOf((key) => key.endsWith('1'), one), goneIdsOf(none, one, other)]).toEqual([{ goneIds: { 'customerId|1': 5, 'customerId|2': 9 } }, { goneIds: { 'customerId|1': 5 } }, {}]);
    forgetGoneId(one, 'customerId|2');
    forgetGoneId(other, 'customerId|2');
    expect([one, other]).toEqual([{ goneIds: { 'customerId|1': 5 } }, {}]);
  });
});
