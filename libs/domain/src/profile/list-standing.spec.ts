import { changeStanding, standsOn, unionLists } from './list-standing.js';
import type { ListStanding, Profile } from './profile.js';

const upload = (at: number) => ({ at, origin: 'upload' });

describe('changeStanding', () => {
  it('puts somebody on a list once, and says whether that was news', () => {
    const profile: Pick<Profile, 'lists'> = {};
    expect([changeStanding(profile, 'vip', true, upload(1)), changeStanding(profile, 'vip', true, upload(2))]).toEqual([true, false]);
    expect(profile.lists).toEqual([{ segmentId: 'vip', at: 1, origin: 'upload' }]);
    expect([standsOn(profile, 'vip'), standsOn(profile, 'other'), standsOn({}, 'vip')]).toEqual([true, false, false]);
  });

  it('takes somebody off one list and leaves the others; on no list there is no field', () => {
    const profile: Pick<Profile, 'lists'> = { lists: [{ segmentId: 'vip', ...upload(1) }, { segmentId: 'guests', ...upload(2) }] };
    expect([changeStanding(profile, 'vip', false, upload(3)), changeStanding(profile, 'vip', false, upload(4))]).toEqual([true, false]);
    expect(profile.lists).toEqual([{ segmentId: 'guests', ...upload(2) }]);
    expect(changeStanding(profile, 'guests', false, upload(5))).toBe(true);
    expect(profile).toEqual({});
  });
});

describe('unionLists', () => {
  it('keeps every list of either, since the earlier time, whichever is asked first', () => {
    const one: ListStanding[] = [{ segmentId: 'vip', ...upload(5) }, { segmentId: 'a', at: 1, origin: 'flow|f' }];
    const other: ListStanding[] = [{ segmentId: 'vip', ...upload(3) }, { segmentId: 'a', ...upload(1) }, { segmentId: 'guests', ...upload(9) }];
    const lists = [{ segmentId: 'a', at: 1, origin: 'flow|f' }, { segmentId: 'guests', ...upload(9) }, { segmentId: 'vip', ...upload(3) }];
    expect([unionLists(one, other), unionLists(other, one)]).toEqual([{ lists }, { lists }]);
    expect(unionLists()).toEqual({});
  });
});
