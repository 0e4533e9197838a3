import { jest } from '@jest/globals';
import { staleRings } from './stale-rings.js';

describe('staleRings', () => {
  let now = 10_000;
  beforeEach(() => { jest.spyOn(Date, 'now').mockImplementation(() => now); });
  afterEach(() => { jest.restoreAllMocks(); });

  it('takes a ring for stale that came before the beginning of a run that has ended', async () => {
    const rings = staleRings('me');
    const at = (timestamp: number) => rings.isStale({ timestamp, ringer: 'me' });
    expect(at(0)).toBe(false);
    await rings.during(async () => {
      now = 20_000;
      expect(at(9_999)).toBe(false);
    });
    expect([9_999, 10_000, 15_000].map(at)).toEqual([true, false, false]);
  });

  it('trusts the clocks of others to a second', async () => {
    const rings = staleRings('me');
    now = 10_000;
    await rings.during(async () => undefined);
    expect([8_999, 9_000].map((timestamp) => rings.isStale({ timestamp, ringer: 'other' }))).toEqual([true, false]);
  });

  it('takes nothing for seen by a run that failed', async () => {
    const rings = staleRings('me');
    await expect(rings.during(() => Promise.reject(new RangeError()))).rejects.toThrow(RangeError);
    expect(rings.isStale({ timestamp: 0, ringer: 'me' })).toBe(false);
  });
});
