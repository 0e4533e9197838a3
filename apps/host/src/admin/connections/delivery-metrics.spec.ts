import type { OutcomeItem } from '@firsthand/pipeline';
import { latencyOf } from './delivery-metrics.js';

const took = (ms: number, outcome = 'delivered', reason: string | null = null): OutcomeItem => ({ deliveryId: 'd', attempt: 0, sentAt: 1_000, settledAt: 1_000 + ms, outcome, reason } as OutcomeItem);

describe('latencyOf', () => {
  it('gives percentiles by nearest rank, in whatever order the outcomes come', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => took(((index * 37) % 100) + 1, index % 2 === 0 ? 'delivered' : 'retry'));
    expect(latencyOf(hundred)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99 });
    expect(latencyOf([took(7)])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7 });
    expect(latencyOf([])).toEqual({ count: 0, p50: null, p95: null, p99: null });
  });

  it('counts no send that never began, and none whose end a crash hid', () => {
    expect(latencyOf([took(5), took(900, 'not-sent'), took(0, 'stalled', 'stalled'), took(0, 'dead', 'stalled')])).toEqual({ count: 1, p50: 5, p95: 5, p99: 5 });
  });
});
