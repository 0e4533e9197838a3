import type { HttpRequest, JsonObject } from '@firsthand/plugin-sdk';
import { mapPayload, testDestination, type FakeRespond } from '@firsthand/plugin-testing';
import { createFakeShop } from '../../../../test/support/fake-shopify.js';
import plugin from '../index.js';
import { customer } from './customer.js';
import { emailMarketing } from './marketing-consent.js';

const NOW = Date.UTC(2026, 10, 24, 8);
const settings = { shop: 'acme.myshopify.com', accessToken: 'shpat_0123456789abcdef', apiVersion: '2026-10' };
const ID = 'shopify:acme.myshopify.com:7001';

/** The same shop at every request, with one customer who has an email and a phone, and one who has an email alone. */
const shop: FakeRespond = ({ json }: HttpRequest) => {
  const { customers, api } = createFakeShop({ now: () => NOW, definitions: { 'loyalty.level': 'single_line_text_field' } });
  customers.write(null, { email: 'ana@example.com', phone: '+493012345678' });
  customers.write(null, { email: 'bo@example.com' });
  const { status, json: answer } = api.answer(json);
  return { status, json: answer as JsonObject };
};

/** A shop of 150. */
const largeShop: FakeRespond = ({ json }: HttpRequest) => {
  const { customers, api } = createFakeShop({ now: () => NOW });
  for (let number = 0; number < 150; number += 1) customers.write(null, { email: `p${number}@example.com` });
  const { status, json: answer } = api.answer(json);
  return { status, json: answer as JsonObject };
};

testDestination(plugin, 'customer', {
  settings, respond: shop, list: { respond: largeShop, records: 150 },
  payloads: [
    {
      customerId: ID, matchEmail: 'ana@example.com', matchPhone: '+493012345678', email: 'ana.lima@example.com', phone: '+493012345679', firstName: 'Ana-Sofia', lastName: 'Limabeira', locale: 'pt-BR', note: 'Rings twice',
      metafields: { loyalty: { level: 'gold-member', points: { type: 'number_integer', value: 4711 } } },
    },
    { matchEmail: 'bo@example.com', lastName: null },
  ],
});
testDestination(plugin, 'customer-tag', { settings, respond: shop, payloads: [{ customerId: ID, tag: 'vip-member' }, { matchEmail: 'bo@example.com', tag: 'vip-member' }] });
testDestination(plugin, 'email-marketing', {
  settings, respond: shop,
  payloads: [{ customerId: ID, matchEmail: 'ana@example.com', consentedAt: '2026-11-20T08:00:00.000Z', optInLevel: 'CONFIRMED_OPT_IN' }, { matchEmail: 'bo@example.com', consentedAt: '2026-11-21T08:00:00.000Z' }],
});
testDestination(plugin, 'sms-marketing', { settings, respond: shop, payloads: [{ customerId: ID, matchPhone: '+493012345678', consentedAt: '2026-11-20T08:00:00.000Z' }] });

describe('the default mapping', () => {
  const profile = { email: 'ana@example.com', phone: '+493012345678', firstName: 'Ana', language: 'de' };

  it('names a customer by what is known of them, apart from what is written', () => {
    const mapped = mapPayload(customer, { profile, identities: { customerId: ID, email: 'old@example.com' } });
    expect(mapped).toMatchObject({ ok: true, values: { customerId: ID, matchEmail: 'old@example.com', matchPhone: '+493012345678', email: 'ana@example.com', phone: '+493012345678', firstName: 'Ana', locale: 'de' } });
  });

  it('takes the moment of the consent that permits it, and none at all without one', () => {
    expect(mapPayload(emailMarketing, { profile, consent: { decidedAt: '2026-11-20T08:00:00.000Z' } })).toMatchObject({ ok: true, values: { consentedAt: '2026-11-20T08:00:00.000Z', optInLevel: 'SINGLE_OPT_IN' } });
    expect(mapPayload(emailMarketing, { profile, consent: {} })).toMatchObject({ ok: false, places: [{ path: '/consentedAt' }] });
  });
});
