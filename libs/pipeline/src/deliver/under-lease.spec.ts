import { FenceLost, type LaneLease } from '../ports/index.js';
import { LANE_LEASE_MS } from './lane-lease.js';
import { underLease } from './under-lease.js';

const LANE = { workspaceId: 'w', connectionId: '@work' };
const LEASE = { ...LANE, holder: 'me', fence: 1, chainSeq: 0, chainHash: '' } as unknown as LaneLease;

function store(isHeld = false) {
  const told: unknown[] = [];
  return {
    told,
    acquireLane: (_: unknown, holder: string, until: number, now: number) => {
      told.push(['acquire', holder, until - now]);
      return Promise.resolve(isHeld ? null : LEASE);
    },
    releaseLane: (lease: LaneLease) => {
      told.push(['release', lease.connectionId]);
      return Promise.resolve();
    },
  };
}

it('works under a lease and gives it back, whatever becomes of the work', async () => {
  const [well, badly] = [store(), store()];
  await underLease(well, LANE, { holder: 'me', now: 1_000 }, async (lease) => void well.told.push(lease));
  expect(well.told).toEqual([['acquire', 'me', LANE_LEASE_MS], LEASE, ['release', '@work']]);
  await expect(underLease(badly, LANE, { holder: 'me', now: 1_000, leaseMs: 5 }, () => Promise.reject(new RangeError('down')))).rejects.toThrow(RangeError);
  expect(badly.told).toEqual([['acquire', 'me', 5], ['release', '@work']]);
});

it('does nothing where another process is at it, and leaves the rest to one that took over', async () => {
  const held = store(true);
  await underLease(held, LANE, { holder: 'me', now: 1_000 }, async () => void held.told.push('worked'));
  expect(held.told).toEqual([['acquire', 'me', LANE_LEASE_MS]]);
  const lost = store();
  await underLease(lost, LANE, { holder: 'me', now: 1_000 }, () => Promise.reject(new FenceLost('gone')));
  expect(lost.told).toHaveLength(2);
});
