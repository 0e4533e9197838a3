import { changeMembership, membershipChangeId } from './change-membership.js';

describe('changeMembership', () => {
  it('counts each entering and leaving: odd is inside', () => {
    const entered = changeMembership(undefined, true, 2, 100);
    expect(entered).toEqual({ n: 1, isMember: true, at: 100, segmentVersion: 2 });
    expect(changeMembership(entered ?? undefined, false, 3, 200)).toEqual({ n: 2, isMember: false, at: 200, segmentVersion: 3 });
  });

  it('is null where nothing changes, also for one who was never inside', () => {
    expect(changeMembership(undefined, false, 1, 100)).toBeNull();
    expect(changeMembership({ n: 1, isMember: true, at: 1, segmentVersion: 1 }, true, 2, 100)).toBeNull();
  });
});

describe('membershipChangeId', () => {
  const change = { workspaceId: 'w', segmentId: 's', segmentVersion: 1, profileId: 'p', n: 1 };

  it('is the same for the same change and differs in each part', () => {
    expect(membershipChangeId({ ...change })).toBe(membershipChangeId(change));
    const others = [{ workspaceId: 'x' }, { segmentId: 'x' }, { segmentVersion: 2 }, { profileId: 'x' }, { n: 2 }].map((part) => membershipChangeId({ ...change, ...part }));
    expect(new Set([membershipChangeId(change), ...others]).size).toBe(6);
  });
});
