import type { HttpRequest, JsonValue } from '@firsthand/plugin-sdk';
import { testDestination } from '@firsthand/plugin-testing';
import { FakeMetaAudience } from '../../../test/support/fake-meta-audience.js';
import { FakeMetaEvents } from '../../../test/support/fake-meta-events.js';
import plugin from './index.js';

const NOW = Date.UTC(2026, 10, 24, 8);
const settings = { accessToken: 'EAAB1111-2222', pixelId: '1202835294532393', customAudienceId: '23842900000000000' };

/** A dataset and an audience that nobody sent anything to, at every request. */
function respond({ method, url, json }: HttpRequest): { status: number; json: JsonValue } {
  const body = json as Record<string, unknown>;
  const answer = url.endsWith('/events') ? new FakeMetaEvents(() => NOW).post(body) : new FakeMetaAudience('1').change(method, body);
  return answer as { status: number; json: JsonValue };
}

testDestination(plugin, 'conversion-event', {
  settings,
  now: NOW,
  respond,
  payloads: [
    {
      eventName: 'Checkout Started', eventTime: NOW / 1000 - 60, actionSource: 'website', eventSourceUrl: 'https://shop.example.com/checkout', email: 'ana@example.com',
      phone: '+8613912345678', firstName: 'Ana-Sofia', lastName: 'Limabeira', city: 'Shanghai', country: 'CN', externalId: 'u-20481', clientIpAddress: '203.0.113.7',
      clientUserAgent: 'Mozilla/5.0', value: 18.99, currency: 'USD', orderId: 'o-20261124-0042', lines: [{ productId: 'p-507', quantity: 1 }],
    },
    { eventName: 'Product Viewed', eventTime: NOW / 1000, externalId: 'u-20482', productId: 'p-508' },
  ],
});

testDestination(plugin, 'custom-audience', {
  settings,
  now: NOW,
  respond,
  payloads: [{ email: 'ana@example.com', phone: '+8613912345678', firstName: 'Ana-Sofia', city: 'Shanghai' }, { externalId: 'u-20482' }],
});
