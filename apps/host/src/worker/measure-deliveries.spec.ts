import type { DestinationConnection, Exchange } from '@firsthand/pipeline';
import { createMetrics } from '@firsthand/platform';
import { countDeliveries } from './measure-deliveries.js';

const at = (connectionId: string): DestinationConnection => ({ workspaceId: 'w', connectionId }) as DestinationConnection;

describe('countDeliveries', () => {
  it('counts by destination, outcome and the name of the reason, and times requests', async () => {
    const metrics = createMetrics({ withProcessMetrics: false });
    const observer = countDeliveries(metrics);
    observer.settled(at('crm'), 'delivered', null);
    observer.settled(at('crm'), 'dead', 'invalid-payload:email,phone');
    observer.settled(at('crm'), 'dead', 'invalid-payload:city');
    observer.exchanged(at('crm'), { durationMs: 30 } as Exchange);
    const text = await metrics.registry.metrics();
    expect(text).toContain('firsthand_deliveries_total{workspace="w",connection="crm",outcome="delivered",reason=""} 1');
    expect(text).toContain('firsthand_deliveries_total{workspace="w",connection="crm",outcome="dead",reason="invalid-payload"} 2');
    expect(text).toContain('firsthand_delivery_request_duration_seconds_bucket{le="0.025",workspace="w",connection="crm"} 0');
    expect(text).toContain('firsthand_delivery_request_duration_seconds_bucket{le="0.05",workspace="w",connection="crm"} 1');
  });

  it('times changes by the pair that they went between, of some hundred pairs at most', async () => {
    const metrics = createMetrics({ withProcessMetrics: false });
    const observer = countDeliveries(metrics);
    observer.arrived(at('crm'), 'shop', 1_500);
    observer.arrived(at('crm'), 'shop', -20);
    for (let index = 0; index < 500; index += 1) observer.arrived(at('crm'), `s-${index}`, 1);
    const text = await metrics.registry.metrics();
    expect(text).toContain('firsthand_freshness_seconds_bucket{le="1",workspace="w",source="shop",destination="crm"} 1');
    expect(text).toContain('firsthand_freshness_seconds_sum{workspace="w",source="shop",destination="crm"} 1.5');
    expect(text).toContain('firsthand_freshness_seconds_count{workspace="other",source="other",destination="other"} 301');
  });

  it('makes no series without bound', async () => {
    const metrics = createMetrics({ withProcessMetrics: false });
    const observer = countDeliveries(metrics);
    for (let index = 0; index < 3_000; index += 1) {
      observer.settled(at(`c-${index}`), 'delivered', null);
      observer.settled(at('crm'), 'dead', `reason-${'abcdefghij'[index % 10]}${'abcdefghij'[(index / 10) % 10 | 0]}${'abcdefghij'[(index / 100) % 10 | 0]}`);
      observer.settled(at('crm'), 'dead', 'Ana <ana@example.com>');
    }
    const { values } = await metrics.deliveries.get();
    expect(values.length).toBeLessThan(1_000 + 60 + 5);
    expect(values.reduce((sum, { value }) => sum + value, 0)).toBe(9_000);
    expect(JSON.stringify(values)).not.toContain('ana@');
  });
});
