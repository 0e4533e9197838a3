import { InvalidPayload, type SendResult } from '@firsthand/plugin-sdk';
import { mapRecord } from '@firsthand/plugin-testing';
import { startFakeShopify, type FakeShopify } from '../../../../test/support/fake-shopify.js';
import { signedWebhook, type FakeWebhook } from '../../../../test/support/fake-shopify-webhooks.js';
import { fetchHttpClient } from '../../../../test/support/fetch-http-client.js';
import { orders } from '../orders.js';
import { customerTag } from './customer-tag.js';
import { emailMarketing, smsMarketing } from './marketing-consent.js';

const NOW = Date.UTC(2026, 10, 24, 8);
const CONSENTED_AT = '2026-11-20T08:00:00.250Z';
const log = { info: () => undefined, warn: () => undefined };
let clock: { now: number };
let shopify: FakeShopify;

beforeEach(async () => {
  clock = { now: NOW };
  shopify = await startFakeShopify({ now: () => clock.now });
});
afterEach(() => shopify.close());

const idOf = (id: number): string => `shopify:acme.myshopify.com:${id}`;
const namesOf = (results: readonly SendResult[]): string[] => results.map((result) => (result.ok ? 'ok' : result.error.name));
const context = () => ({ settings: shopify.settings, http: fetchHttpClient(), log, signal: new AbortController().signal, now: clock.now });
const itemsOf = <P>(payloads: readonly P[]) => payloads.map((payload, at) => ({ payload, idempotencyKey: `k${at}` }));

/** What the shop's webhooks would bring, as the source reads them. */
function told(webhook: FakeWebhook | undefined): ReturnType<typeof mapRecord>[] {
  if (webhook === undefined) return [];
  const { headers, body } = signedWebhook(webhook, shopify.settings);
  return [...(orders.records?.({ headers, body: Buffer.from(body), query: {} }) ?? [])].map((raw) => mapRecord(orders, raw, { shop: shopify.settings.shop }));
}

describe('customer-tag', () => {
  type Member = { customerId?: string; matchEmail?: string; matchPhone?: string; tag: string };
  const change = async (how: 'addMembers' | 'removeMembers', ...payloads: Member[]): Promise<SendResult[]> => (await customerTag[how]?.({ ...context(), items: itemsOf(payloads) })) ?? [];

  it('puts a tag on and takes it off, beside those that staff gave', async () => {
    const ana = shopify.add({ email: 'ana@example.com' });
    shopify.customers.changeTags(ana, ['newsletter'], 'add');
    for (let times = 0; times < 2; times += 1) expect(namesOf(await change('addMembers', { customerId: idOf(ana.id), tag: 'vip' }, { matchEmail: 'bo@example.com', tag: 'vip' }))).toEqual(['ok', 'ok']);
    expect([...shopify.customers.byId.values()].map(({ email, tags }) => [email, tags])).toEqual([['ana@example.com', ['newsletter', 'vip']], ['bo@example.com', ['vip']]]);
    for (let times = 0; times < 2; times += 1) expect(namesOf(await change('removeMembers', { customerId: idOf(ana.id), tag: 'VIP' }, { matchEmail: 'nobody@example.com', tag: 'vip' }))).toEqual(['ok', 'ok']);
    expect([...shopify.customers.byId.values()].map(({ tags }) => tags)).toEqual([['newsletter'], ['vip']]);
  });

  it('keeps back a tag that would be two, and somebody who cannot be made', async () => {
    expect(customerTag.fields.tag.pattern).toBeDefined();
    const pattern = new RegExp(customerTag.fields.tag.pattern ?? '', 'u');
    expect(['vip', 'Big spender', 'a', 'a,b', ' a', '', 'x'.repeat(256)].filter((tag) => pattern.test(tag))).toEqual(['vip', 'Big spender', 'a']);
    expect(namesOf(await change('addMembers', { customerId: idOf(1), tag: 'vip' }))).toEqual(['InvalidPayload']);
  });

  it('lists who has a tag, page by page, under all that a membership may be kept under', async () => {
    for (let at = 0; at < 251; at += 1) shopify.customers.changeTags(shopify.add({ email: `p${at}@example.com`, ...(at === 0 ? { phone: '+493012345678' } : {}) }), ['say "vip"'], 'add');
    shopify.add({ email: 'other@example.com' });
    const first = await customerTag.listMembers?.({ ...context(), audience: { tag: 'say "vip"' }, cursor: null });
    expect(first?.members.slice(0, 7)).toEqual(expect.arrayContaining([
      { customerId: idOf(7001) }, { matchEmail: 'p0@example.com' }, { matchPhone: '+493012345678' }, { customerId: idOf(7001), matchEmail: 'p0@example.com', matchPhone: '+493012345678' },
    ]));
    expect(first?.members).toHaveLength(7 + 249 * 3);
    const second = await customerTag.listMembers?.({ ...context(), audience: { tag: 'say "vip"' }, cursor: first?.next ?? null });
    expect(second).toMatchObject({ next: null, members: [{ customerId: idOf(7251) }, { matchEmail: 'p250@example.com' }, { customerId: idOf(7251), matchEmail: 'p250@example.com' }] });
  });
});

describe('marketing consents', () => {
  type Member = { customerId?: string; matchEmail?: string; matchPhone?: string; consentedAt: string; optInLevel: 'SINGLE_OPT_IN' | 'CONFIRMED_OPT_IN' | 'UNKNOWN' };
  const member = (more: Partial<Member>): Member => ({ consentedAt: CONSENTED_AT, optInLevel: 'SINGLE_OPT_IN', ...more });
  const subscribe = async (action: typeof emailMarketing, ...payloads: Member[]): Promise<SendResult[]> => (await action.addMembers?.({ ...context(), items: itemsOf(payloads) })) ?? [];
  const unsubscribe = async (action: typeof emailMarketing, ...payloads: Partial<Member>[]): Promise<SendResult[]> => (await action.removeMembers?.({ ...context(), items: itemsOf(payloads) })) ?? [];

  it('subscribes as of the moment of the consent, and unsubscribes as of now', async () => {
    const { id } = shopify.add({ email: 'ana@example.com', phone: '+493012345678' });
    expect(namesOf(await subscribe(emailMarketing, member({ customerId: idOf(id), optInLevel: 'CONFIRMED_OPT_IN' })))).toEqual(['ok']);
    expect(namesOf(await subscribe(smsMarketing, member({ matchPhone: '+493012345678' }), member({ matchEmail: 'bo@example.com' })))).toEqual(['ok', 'InvalidPayload']);
    expect(shopify.customers.byId.size).toBe(1);
    expect(shopify.customers.byId.get(id)).toMatchObject({
      emailConsent: { state: 'SUBSCRIBED', optInLevel: 'CONFIRMED_OPT_IN', updatedAt: '2026-11-20T08:00:00Z' }, smsConsent: { state: 'SUBSCRIBED', updatedAt: '2026-11-20T08:00:00Z' },
    });
    expect(namesOf(await unsubscribe(emailMarketing, { customerId: idOf(id) }, { matchEmail: 'nobody@example.com' }))).toEqual(['ok', 'ok']);
    expect(shopify.customers.byId.get(id)).toMatchObject({ emailConsent: { state: 'UNSUBSCRIBED', updatedAt: '2026-11-24T08:00:00Z' }, smsConsent: { state: 'SUBSCRIBED' } });
  });

  it('come back as the webhook of our own write no newer than they were given', async () => {
    const { id } = shopify.add({ email: 'ana@example.com' });
    shopify.outbox.length = 0;
    await subscribe(emailMarketing, member({ customerId: idOf(id) }));
    expect(shopify.outbox.map(({ topic }) => topic)).toEqual(['customers_email_marketing_consent/update']);
    const [{ record } = {}] = told(shopify.outbox[0]);
    expect(record).toMatchObject({ consents: { emailMarketing: true }, occurredAt: Date.UTC(2026, 10, 20, 8) });
    expect(record?.occurredAt).toBeLessThanOrEqual(Date.parse(CONSENTED_AT));
  });

  it('that lie ahead of the clock of the shop are sent again', async () => {
    const results = await subscribe(emailMarketing, member({ matchEmail: 'ana@example.com', consentedAt: '2026-11-24T08:00:02.000Z' }));
    expect(namesOf(results)).toEqual(['RetryableError']);
    clock.now += 3_000;
    expect(namesOf(await subscribe(emailMarketing, member({ matchEmail: 'ana@example.com', consentedAt: '2026-11-24T08:00:02.000Z' })))).toEqual(['ok']);
  });

  it('whose moment is none fail alone', async () => {
    const results = await subscribe(emailMarketing, member({ matchEmail: 'ana@example.com' }), member({ matchEmail: 'bo@example.com', optInLevel: 'MAYBE' as 'UNKNOWN' }));
    expect(results).toMatchObject([{ ok: true }, { ok: false, error: { name: InvalidPayload.name, detail: expect.stringContaining('INVALID_VARIABLE') as unknown } }]);
  });
});

describe("what the shop's webhooks tell", () => {
  it('is read whatever of a customer changes, by staff or by us, and in the way the shop writes it', () => {
    const { id } = shopify.add({ email: 'Ana@Example.com', phone: '030 12345678', firstName: ' Ana ' });
    const other = shopify.add({ email: 'bo@example.com' });
    shopify.edit(id, { lastName: 'Lima' });
    shopify.customers.merge(id, other.id);
    shopify.customers.delete(id);
    const records = shopify.outbox.flatMap((webhook) => told(webhook)).map(({ record }) => record);
    expect(records.map((record) => record?.name)).toEqual(['Profile Updated', 'Profile Updated', 'Profile Updated', 'Identities Linked', 'Profile Updated', 'Profile Deleted']);
    expect(records[0]).toMatchObject({ profile: { email: 'ana@example.com', phone: '+493012345678', firstName: 'Ana' }, occurredAt: NOW, flags: [] });
    expect(records.every((record) => record?.flags?.length === 0)).toBe(true);
  });

  it('arrives signed', () => {
    shopify.add({ email: 'ana@example.com' });
    const { headers, body } = signedWebhook(shopify.outbox[0] as FakeWebhook, shopify.settings);
    const verify = orders.trigger.kind === 'webhook' ? orders.trigger.verify : undefined;
    const request = { method: 'POST', url: 'https://cdp.example.com/hooks/c', query: {}, headers, body: Buffer.from(body) };
    expect(() => verify?.(request, shopify.settings, { now: clock.now })).not.toThrow();
    expect(() => verify?.(request, { ...shopify.settings, secret: 'other' }, { now: clock.now })).toThrow('signature');
  });
});
