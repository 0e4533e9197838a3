import fc from 'fast-check';
import { localRateLimits } from './local-rate-limits.js';

const lane = { workspaceId: 'w', connectionId: 'crm' };

describe('localRateLimits', () => {
  it('grants a burst, then one after the other at the rate', async () => {
    let now = 0;
    const limits = localRateLimits(() => now);
    const limit = { perSecond: 1, burst: 5 };
    expect(await limits.take(lane, limit, 8)).toEqual({ granted: 5, waitMs: 1_000 });
    now = 500;
    expect(await limits.take(lane, limit, 1)).toEqual({ granted: 0, waitMs: 500 });
    now = 1_000;
    expect(await limits.take(lane, limit, 1)).toEqual({ granted: 1, waitMs: 0 });
    await limits.giveBack(lane, limit, 1);
    expect(await limits.take(lane, limit, 1)).toEqual({ granted: 1, waitMs: 0 });
    expect(await limits.take({ ...lane, connectionId: 'ads' }, limit, 5)).toEqual({ granted: 5, waitMs: 0 });
  });

  it('goes on from what others have granted', async () => {
    const limits = localRateLimits(() => 0);
    limits.spend(lane, { perSecond: 2, burst: 4 }, 6);
    expect(await limits.take(lane, { perSecond: 2, burst: 4 }, 1)).toEqual({ granted: 0, waitMs: 1_500 });
  });

  it('never grants more than burst + rate x time, whatever is asked for and when', async () => {
    await fc.assert(fc.asyncProperty(
      fc.record({ perSecond: fc.double({ min: 0.1, max: 500, noNaN: true }), burst: fc.integer({ min: 1, max: 50 }) }),
      fc.array(fc.tuple(fc.nat(2_000), fc.integer({ min: 1, max: 100 })), { maxLength: 60 }),
      async (limit, steps) => {
        let now = 0;
        let granted = 0;
        const limits = localRateLimits(() => now);
        for (const [later, wanted] of steps) {
          now += later;
          granted += (await limits.take(lane, limit, wanted)).granted;
          expect(granted).toBeLessThanOrEqual(limit.burst + (limit.perSecond * now) / 1_000 + 1e-6);
        }
      },
    ));
  });
});
