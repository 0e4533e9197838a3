import fc from 'fast-check';
import { bumpActivity } from './fold-activity.js';
import { mergeProfiles } from './merge-profiles.js';
import { newProfile } from './new-profile.js';
import type { Membership, Profile } from './profile.js';

const context = { now: 1_000, version: 9, ownerRank: () => 0 };

function profileOf(profileId: string, overrides: Partial<Profile> = {}): Profile {
  return { ...newProfile({ workspaceId: 'w', profileId, subjectKey: `key-${profileId}`, seenAt: 500, now: 600 }), ...overrides };
}

function membership(n: number): Membership {
  return { n, isMember: n % 2 === 1, at: n, segmentVersion: 1 };
}

function mergedMembership(one: Membership, other: Membership): Membership | undefined {
  return mergeProfiles(profileOf('a', { memberships: { s: one } }), profileOf('b', { memberships: { s: other } }), context).memberships['s'];
}

describe('mergeProfiles', () => {
  it('keeps who the winner is, and the widest of all else', () => {
    const winner = profileOf('a', { version: 3, seq: 4, seqAt: 30, firstSeenAt: 5, lastSeenAt: 6, createdAt: 7 });
    const loser = profileOf('b', { version: 8, seq: 9, firstSeenAt: 1, lastSeenAt: 20, createdAt: 2 });
    expect(mergeProfiles(winner, loser, context)).toMatchObject({
      profileId: 'a', subjectKey: 'key-a', version: 9, seq: 9, seqAt: 30, firstSeenAt: 1, lastSeenAt: 20, createdAt: 2,
    });
  });

  it('remembers whom it took in, and every identity that was verified', () => {
    const winner = profileOf('a', { verifiedKeys: ['email|1', 'phone|2'], mergedFrom: ['x'] });
    const loser = profileOf('b', { verifiedKeys: ['email|0', 'phone|2'], mergedFrom: ['y'] });
    const merged = mergeProfiles(winner, loser, context);
    expect(merged.verifiedKeys).toEqual(['email|0', 'email|1', 'phone|2']);
    expect(merged.mergedFrom).toEqual(['x', 'y', 'b']);
  });

  it('shares with others what either did', () => {
    expect(mergeProfiles(profileOf('a', { sharedKeys: ['deviceId|2'] }), profileOf('b', { sharedKeys: ['deviceId|1', 'deviceId|2'] }), context).sharedKeys).toEqual(['deviceId|1', 'deviceId|2']);
    expect(mergeProfiles(profileOf('a'), profileOf('b', { sharedKeys: ['deviceId|1'] }), context).sharedKeys).toEqual(['deviceId|1']);
    expect(Object.hasOwn(mergeProfiles(profileOf('a'), profileOf('b'), context), 'sharedKeys')).toBe(false);
  });

  it('shares nothing with either, so that folding on leaves them alone', () => {
    const activity = () => ({ A: { first: 1, last: 1, total: 1, days: { '1970-01-01': 1 } } });
    const [winner, loser] = [profileOf('a', { activity: activity() }), profileOf('b', { activity: { B: activity().A } })];
    const merged = mergeProfiles(winner, loser, context);
    bumpActivity(merged.activity, ['A', 'B'], 5, 5);
    expect(merged.activity).toMatchObject({ A: { total: 2 }, B: { total: 2 } });
    expect([winner.activity, loser.activity]).toEqual([activity(), { B: activity().A }]);
  });

  it('marks fields that came over with the new version', () => {
    const field = (at: number) => ({ value: at, at, source: 's', origin: 'm', version: 1 });
    const merged = mergeProfiles(profileOf('a', { fields: { x: field(1), y: field(5) } }), profileOf('b', { fields: { x: field(2), y: field(4) } }), context);
    expect(merged.fields).toEqual({ x: { ...field(2), version: 9 }, y: { ...field(5), version: 1 } });
  });

  it('is inside a segment if either was, so that leaving it is still told', () => {
    expect(mergedMembership(membership(3), membership(1))).toMatchObject({ n: 3, isMember: true });
    expect(mergedMembership(membership(1), membership(2))).toMatchObject({ n: 3, isMember: true });
    expect(mergedMembership(membership(2), membership(4))).toMatchObject({ n: 4, isMember: false });
    expect(mergeProfiles(profileOf('a'), profileOf('b', { memberships: { s: membership(1) } }), context).memberships).toEqual({ s: membership(1) });
  });

  it('unites memberships the same in any order', () => {
    const n = fc.integer({ min: 1, max: 6 }).map(membership);
    fc.assert(
      fc.property(n, n, n, (a, b, c) => {
        const left = mergedMembership(mergedMembership(a, b) as Membership, c);
        expect(left).toEqual(mergedMembership(a, mergedMembership(c, b) as Membership));
        expect((left?.n ?? 0) % 2 === 1).toBe(left?.isMember);
        expect(left?.n).toBeGreaterThanOrEqual(Math.max(a.n, b.n, c.n));
      }),
    );
  });
});
