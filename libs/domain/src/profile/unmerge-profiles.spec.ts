import { disownIdentity, forgetIdentity } from './disown-identity.js';
import { mergeProfiles } from './merge-profiles.js';
import { newProfile } from './new-profile.js';
import type { Profile, ProfileField } from './profile.js';
import { releaseIdentity } from './release-identity.js';
import { unmergeProfiles } from './unmerge-profiles.js';

const ownerRank = () => 0;
const SAID: ProfileField = { value: '+14155550101', at: 5, source: 'web', origin: 'm1', version: 3, isVerified: true };

/** Two who were one when a record of either told a number; who is known by it, if anybody. Gives the numbers of both. */
function numbersAfter(isOfLosersEvent: boolean, knownBy: 'winner' | 'loser' | null): (string | undefined)[] {
  const person = (profileId: string, userId: string): Profile => {
    const profile = newProfile({ workspaceId: 'w', profileId, subjectKey: profileId, seenAt: 0, now: 0 });
    profile.identities.push({ namespace: 'userId', value: userId });
    return profile;
  };
  const before = { winner: person('one', 'u0'), loser: person('other', 'u1') };
  const merged = mergeProfiles(before.winner, before.loser, { now: 1, version: 2, ownerRank });
  merged.fields.phone = SAID;
  if (knownBy !== null) merged.identities.unshift({ namespace: 'phone', value: '+14155550101' });
  const isLosers = (key: string): boolean => key === 'userId|u1' || (knownBy === 'loser' && key.startsWith('phone|'));
  const { winner, loser } = unmergeProfiles(merged, { before, isLosers, cameToLoser: () => isOfLosersEvent, ownerRank });
  return [winner, loser].map(({ fields }) => fields.phone?.value as string | undefined);
}

describe('a number that was told while two were one', () => {
  it.each<[string, boolean, 'winner' | 'loser' | null, (string | undefined)[]]>([
    ['whose event told it, where nobody is known by it', true, null, [undefined, SAID.value as string]],
    ['whose event told it, where nobody is known by it: the other', false, null, [SAID.value as string, undefined]],
    ['who is known by it, whose event it was or not', true, 'winner', [SAID.value as string, undefined]],
    ['who is known by it: the other', false, 'loser', [undefined, SAID.value as string]],
  ])('goes to the one %s', (_, isOfLosersEvent, knownBy, expected) => expect(numbersAfter(isOfLosersEvent, knownBy)).toEqual(expected));
});

describe('an address that one of the two had', () => {
  const KEY = 'email|a@example.com';
  const person = (profileId: string): Profile => {
    const profile = newProfile({ workspaceId: 'w', profileId, subjectKey: profileId, seenAt: 0, now: 0 });
    profile.identities.push({ namespace: 'userId', value: profileId });
    return profile;
  };
  /** As both are after it has gone from them, corrected or proven by another, while they were one. */
  function apart(isVerified: boolean, take: (merged: Profile) => void): { winner: Profile; loser: Profile } {
    const before = { winner: person('one'), loser: person('other') };
    before.loser.identities.push({ namespace: 'email', value: 'a@example.com' });
    before.loser.verifiedKeys = [...(isVerified ? [KEY] : []), 'userId|other'];
    before.loser.fields.email = { value: 'a@example.com', at: 1, source: 'web', origin: 'm', version: 1, ...(isVerified ? { isVerified } : {}) };
    const merged = mergeProfiles(before.winner, before.loser, { now: 1, version: 2, ownerRank });
    take(merged);
    return unmergeProfiles(merged, { before, isLosers: (key) => key === 'userId|other', cameToLoser: () => false, ownerRank });
  }

  it('is neither theirs nor proven for them any more, where it was found to be a stranger’s', () => {
    const { winner, loser } = apart(true, (merged) => { disownIdentity(merged, KEY); });
    expect([winner.disowned, loser.disowned]).toEqual([[KEY], [KEY]]);
    expect([loser.identities, loser.verifiedKeys, loser.fields]).toEqual([[{ namespace: 'userId', value: 'other' }], ['userId|other'], {}]);
  });

  it('does not come back as a field, where it was only claimed and another has proven it', () => {
    const { loser } = apart(false, (merged) => { releaseIdentity(merged, KEY); });
    expect([loser.identities, loser.fields]).toEqual([[{ namespace: 'userId', value: 'other' }], {}]);
  });
});

describe('a device', () => {
  const device = (value: string) => ({ namespace: 'deviceId', value });
  const person = (profileId: string, ...devices: string[]): Profile => ({ ...newProfile({ workspaceId: 'w', profileId, subjectKey: profileId, seenAt: 0, now: 0 }), identities: devices.map(device) });

  it.each([['the one', []], ['the other', ['deviceId|both']]])('that both had before is shared by both again, also where %s had it first', (_, ofLoser) => {
    const before = { winner: person('one', 'both', 'ones'), loser: person('other', 'both', 'others') };
    const merged = { ...mergeProfiles(before.winner, before.loser, { now: 1, version: 2, ownerRank }), sharedKeys: ['deviceId|ones', 'deviceId|others'] };
    merged.identities.push(device('since'));
    const { winner, loser } = unmergeProfiles(merged, { before, isLosers: (key) => [...ofLoser, 'deviceId|others', 'deviceId|since'].includes(key), cameToLoser: () => false, ownerRank });
    expect([winner, loser].map(({ identities, sharedKeys }) => [identities.map(({ value }) => value), sharedKeys])).toEqual([
      [['both', 'ones'], ['deviceId|both', 'deviceId|ones']], [['both', 'others', 'since'], ['deviceId|both', 'deviceId|others']],
    ]);
  });

  it('that is taken off a profile is shared with nobody', () => {
    for (const take of [forgetIdentity, releaseIdentity]) {
      const profile: Profile = { ...person('one', 'a', 'b'), sharedKeys: ['deviceId|a', 'deviceId|b'] };
      take(profile, 'deviceId|a');
      expect(profile.sharedKeys).toEqual(['deviceId|b']);
      take(profile, 'deviceId|b');
      expect(Object.hasOwn(profile, 'sharedKeys')).toBe(false);
    }
  });
});
