import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { heldRecord } from './held-record.js';

const record: CanonicalRecord = {
  type: 'track', name: 'Order Completed', messageId: 'm-ana', occurredAt: 5, identities: [{ namespace: 'email', value: 'ana@example.com' }], profile: { email: 'ana@example.com' }, properties: { coupon: 'ten' },
  order: { orderId: 'o-1', status: 'paid', note: 'for ana' }, store: { id: 's-1' }, consents: { ads: true }, context: { ip: '203.0.113.7' }, flags: [],
};

describe('what a legal hold keeps of a record', () => {
  it('is the order and where it was placed', () => {
    expect(heldRecord('order', record)).toEqual({ name: 'Order Completed', occurredAt: 5, order: { orderId: 'o-1', status: 'paid' }, store: { id: 's-1' } });
  });

  it('is all that an event tells of itself, and nothing of whose it is', () => {
    expect(heldRecord('event', record)).toMatchObject({ properties: { coupon: 'ten' } });
    for (const category of ['order', 'event'] as const) expect(JSON.stringify(heldRecord(category, record))).not.toMatch(/ana|203\.0/u);
  });

  it('is nothing of a record of another category', () => {
    const { order: _none, ...viewed } = record;
    expect(heldRecord('order', viewed)).toBeNull();
    expect(heldRecord('event', viewed)).not.toBeNull();
  });
});
