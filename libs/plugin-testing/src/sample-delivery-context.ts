import type { JsonObject } from '@firsthand/plugin-sdk';

/**
 * What a destination's mapping reads, as the host makes it for one delivery: the person's canonical fields, the event, the first identity of each
 * kind, the segment that was entered or left, and when the consent was given that permits it. Parts given replace the sample's.
 *
 * @example compileMapping(defaultMapping(destination.fields)).apply(sampleDeliveryContext(), {})
 */
export function sampleDeliveryContext(parts: JsonObject = {}): JsonObject {
  return {
    profile: { email: 'ana@example.com', phone: '+8613912345678', firstName: 'Ana', lastName: 'Lima', city: 'Shanghai', country: 'CN', locale: 'zh-CN' },
    event: {
      type: 'track',
      name: 'Order Completed',
      messageId: 'm-1',
      occurredAt: '2026-11-24T08:00:00.000Z',
      properties: { coupon: 'AUTUMN' },
      order: { orderId: 'o-1', total: { amountMinor: 12900, currency: 'CNY' }, lines: [{ productId: 'p-1', quantity: 1, price: { amountMinor: 12900, currency: 'CNY' } }] },
      context: { locale: 'zh-CN' },
    },
    identities: { userId: 'u-20481', email: 'ana@example.com', phone: '+8613912345678' },
    segment: { id: 'seg-1', name: 'Big baskets', isMember: true },
    consent: { decidedAt: '2026-11-20T08:00:00.000Z' },
    ...parts,
  };
}
