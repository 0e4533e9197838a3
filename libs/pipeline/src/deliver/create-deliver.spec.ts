import { jest } from '@jest/globals';
import type { DeliveryRow, LaneLease, Store } from '../ports/index.js';
import { createDeliver, type DeliverOptions } from './create-deliver.js';
import { LaneRun } from './lane-run.js';
import type { LaneDecisions } from './lane-tick.js';

const lane = { workspaceId: 'w', connectionId: 'crm' };
const lease: LaneLease = { ...lane, fence: 3, chainSeq: 0, chainHash: '' };

/** A lane whose look for due rows ends when told to. */
function world({ extendLane = () => Promise.resolve() }: { extendLane?: () => Promise<void> } = {}) {
  const extended: [number, number][] = [];
  const released: LaneLease[] = [];
  let end: (rows: DeliveryRow[]) => void = () => undefined;
  const store = {
    acquireLane: () => Promise.resolve({ ...lease }),
    extendLane({ fence }: LaneLease, until: number) {
      extended.push([fence, until]);
      return extendLane();
    },
    releaseLane(own: LaneLease) {
      released.push(own);
      return Promise.resolve();
    },
    hasInFlight: () => Promise.resolve(false),
    findDueDeliveries: () => new Promise<DeliveryRow[]>((resolve) => { end = resolve; }),
  } as unknown as Store;
  const destination = { ...lane, status: 'enabled', concurrency: 1, settings: {}, destinations: {} };
  const deliver = createDeliver({
    store, clock: () => Date.now(), configuration: { workspace: () => ({ destinations: new Map([['crm', destination]]) }) }, holder: 'h', log: { warn: () => undefined },
  } as unknown as DeliverOptions);
  return { deliver, extended, released, destination, end: () => end([]) };
}

describe('the heartbeat of a lane', () => {
  beforeEach(() => { jest.useFakeTimers({ now: 5 }); });
  afterEach(() => { jest.useRealTimers(); jest.restoreAllMocks(); });

  it('prolongs the lease every 5 s by 10 s until nothing is due, and gives it back', async () => {
    const { deliver, extended, released, end } = world();
    const drained = deliver.drainLane(lane);
    await jest.advanceTimersByTimeAsync(4_999);
    expect(extended).toEqual([]);
    await jest.advanceTimersByTimeAsync(25_001);
    expect(extended).toEqual(Array.from({ length: 6 }, (_, beat) => [3, 15_005 + beat * 5_000]));
    end();
    await drained;
    expect([released.length, jest.getTimerCount()]).toEqual([1, 0]);
  });

  it('waits after a round, which has prolonged the lease itself', async () => {
    const runs = jest.spyOn(LaneRun.prototype, 'run');
    const { deliver, extended, destination, end } = world();
    const drained = deliver.drainLane(lane);
    await jest.advanceTimersByTimeAsync(2_000);
    (runs.mock.contexts[0] as LaneRun).goOn(destination as never, { head: { seq: 1, hash: 'h' }, cleared: [], block: null, ended: [], held: [], outcomes: [], arrivals: [] } satisfies LaneDecisions, 0, Date.now());
    await jest.advanceTimersByTimeAsync(4_999);
    expect(extended).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(extended).toEqual([[3, 17_005]]);
    end();
    await drained;
  });

  it('tries again a second after a beat that fails', async () => {
    const { deliver, extended, end } = world({ extendLane: () => Promise.reject(new TypeError('away')) });
    const drained = deliver.drainLane(lane);
    await jest.advanceTimersByTimeAsync(9_000);
    expect(extended).toEqual([5, 6, 7, 8, 9].map((second) => [3, second * 1_000 + 10_005]));
    end();
    await drained;
  });
});
