import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../json.js';
import type { CanonicalRecord } from './canonical-record.js';
import { canonicalise, type CanonicaliseContext } from './canonicalise.js';
import { createDictionary } from './create-dictionary.js';

const receivedAt = Date.UTC(2026, 10, 24, 8);
const dictionary = createDictionary({
  customFields: [
    { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' },
    { entity: 'event', name: 'custom.mood', type: 'string', values: ['Good', 'Bad'], description: 'Mood.' },
  ],
});
const context: CanonicaliseContext = { dictionary, receivedAt, defaultCountry: 'CN', derivedMessageId: 'h-derived' };

function read(tree: JsonObject, more: Partial<CanonicaliseContext> = {}): CanonicalRecord {
  const result = canonicalise({ identities: { userId: 'u1' }, ...tree }, { ...context, ...more });
  if (result.record === undefined) throw new Error(`no record: ${result.error.code}`);
  return result.record;
}

function refuse(tree: JsonObject): { code: string; path: string | undefined } | undefined {
  const { error } = canonicalise(tree, context);
  return error && { code: error.code, path: error.places[0]?.path };
}

describe('canonicalise: the event', () => {
  it.each<[JsonObject, string, string]>([
    [{ type: 'page' }, 'page', 'Page Viewed'],
    [{ type: 'screen' }, 'screen', 'Screen Viewed'],
    [{ type: 'identify' }, 'identify', 'Profile Updated'],
    [{ type: 'alias' }, 'alias', 'Identities Linked'],
    [{ type: 'group' }, 'group', 'Group Joined'],
    [{ type: 'delete' }, 'delete', 'Profile Deleted'],
    [{}, 'identify', 'Profile Updated'],
    [{ type: '' }, 'identify', 'Profile Updated'],
    [{ type: null, name: 'Order Completed' }, 'track', 'Order Completed'],
    [{ name: ' Order Completed ' }, 'track', 'Order Completed'],
    [{ type: 'identify', name: 'Customer Updated' }, 'identify', 'Customer Updated'],
  ])('%j is %s, %s', (tree, type, name) => {
    expect(read(tree)).toMatchObject({ type, name });
  });

  it('keeps the name of a page among its properties', () => {
    expect(read({ type: 'page', name: 'Home' })).toMatchObject({ name: 'Page Viewed', properties: { name: 'Home' } });
    expect(read({ type: 'page', name: 'Home', properties: { name: 'Start' } }).properties).toEqual({ name: 'Start' });
    expect(read({ type: 'page', name: 'Page Viewed' }).properties).toEqual({});
  });

  it.each<[JsonObject, string, string]>([
    [{ type: 'track', identities: { userId: 'u' } }, 'INVALID_RECORD', '/name'],
    [{ name: 'x'.repeat(201), identities: { userId: 'u' } }, 'INVALID_RECORD', '/name'],
    [{ name: 5, identities: { userId: 'u' } }, 'INVALID_RECORD', '/name'],
    [{ type: 'toString', identities: { userId: 'u' } }, 'INVALID_RECORD', '/type'],
    [{ type: 1, identities: { userId: 'u' } }, 'INVALID_RECORD', '/type'],
    [{ name: 'A' }, 'MISSING_IDENTITY', '/identities'],
    [{ name: 'A', identities: { userId: 'null', email: 'x', phone: '13800138000', nobody: 'y' } }, 'MISSING_IDENTITY', '/identities'],
    [{ name: 'A', identities: ['u1'] }, 'MISSING_IDENTITY', '/identities'],
  ])('refuses %j', (tree, code, path) => {
    expect(refuse(tree)).toEqual({ code, path });
  });

  it('takes a name of exactly 200 characters', () => {
    expect(read({ name: 'x'.repeat(200) }).name).toHaveLength(200);
  });

  it('derives the message id only when the source gives none that can be used', () => {
    const derivedMessageId = jest.fn(() => 'h-1');
    expect(read({ messageId: ' m1 ' }, { derivedMessageId }).messageId).toBe('m1');
    expect(read({ messageId: 77 }, { derivedMessageId }).messageId).toBe('77');
    expect(derivedMessageId).not.toHaveBeenCalled();
    expect(read({}, { derivedMessageId }).messageId).toBe('h-1');
    expect(read({ messageId: '  ' }).messageId).toBe('h-derived');
    expect(read({ messageId: 'x'.repeat(256) }).messageId).toBe('x'.repeat(256));
    expect(read({ messageId: 'x'.repeat(257) })).toMatchObject({ messageId: 'h-derived', flags: ['field-invalid:messageId'] });
  });

  it.each<[JsonValue, number, string[]]>([
    ['2026-11-24T07:00:00Z', receivedAt - 3_600_000, []],
    [(receivedAt - 1000) / 1000, receivedAt - 1000, []],
    [receivedAt - 1000, receivedAt - 1000, []],
    [String(receivedAt), receivedAt, []],
    [receivedAt + 300_000, receivedAt + 300_000, []],
    [receivedAt + 300_001, receivedAt, ['occurred-at-clamped']],
    ['2199-01-01', receivedAt, ['occurred-at-clamped']],
    ['yesterday', receivedAt, ['field-invalid:occurredAt']],
    [true, receivedAt, ['field-invalid:occurredAt']],
    [null, receivedAt, []],
  ])('reads the time %j', (occurredAt, expected, flags) => {
    expect(read({ occurredAt })).toMatchObject({ occurredAt: expected, flags });
  });

  it('clamps by the limit that it is given', () => {
    expect(read({ occurredAt: receivedAt + 5 }, { clampFutureAfterMs: 0 }).occurredAt).toBe(receivedAt);
  });
});

describe('canonicalise: identities', () => {
  it('normalises, drops doubles and orders by strength', () => {
    const { identities, flags } = read({ identities: { anonymousId: 'a-1', email: [' Ana@Example.com', 'ana@example.com', 'nobody'], phone: 13912345678, userId: 42 } });
    expect(identities).toEqual([
      { namespace: 'userId', value: '42' },
      { namespace: 'phone', value: '+8613912345678' },
      { namespace: 'email', value: 'ana@example.com' },
      { namespace: 'anonymousId', value: 'a-1' },
    ]);
    expect(flags).toEqual(['identity-dropped:email']);
  });

  it('never repeats a namespace that it does not know', () => {
    expect(read({ identities: { userId: 'u1', 'ana@example.com': 'x' } }).flags).toEqual(['identity-dropped:unknown']);
  });

  it('leaves absent ones out without a flag', () => {
    expect(read({ identities: { userId: 'u1', email: null, phone: '' } }).flags).toEqual([]);
  });

  it('takes no more than a person can have', () => {
    const { identities, flags } = read({ identities: { userId: Array.from({ length: 50 }, (_, index) => `u-${index}`) } });
    expect(identities).toHaveLength(20);
    expect(flags).toEqual(['identities-truncated']);
  });
});

describe('canonicalise: fields', () => {
  it('reads what says the same, and drops and flags the rest', () => {
    const { profile, flags } = read({ profile: { email: 'ANA@Example.com', age: '42', birthday: '1990-02-30', country: 'china', gender: 'Female', tags: 'vip', phone: '1', nope: 1, city: ['x'], language: 'zh_cn' } });
    expect(profile).toEqual({ email: 'ana@example.com', age: 42, country: 'CN', gender: 'female', tags: ['vip'], language: 'zh-CN' });
    expect(flags).toEqual(['field-invalid:profile.birthday', 'field-invalid:profile.phone', 'unknown-fields', 'field-invalid:profile.city']);
  });

  it('unsets a profile field by null, and takes null elsewhere as absent', () => {
    expect(read({ profile: { email: null, custom: { shoeSize: null } }, properties: { sku: null, price: null, name: '' } })).toMatchObject({ profile: { email: null, 'custom.shoeSize': null }, properties: {}, flags: [] });
  });

  it('takes custom fields nested and flat, and stores them flat in the profile', () => {
    expect(read({ profile: { custom: { shoeSize: '42', other: 1 } } })).toMatchObject({ profile: { 'custom.shoeSize': 42 }, flags: ['unknown-fields'] });
    expect(read({ profile: { 'custom.shoeSize': 42 } }).profile).toEqual({ 'custom.shoeSize': 42 });
    expect(read({ properties: { custom: { mood: 'good' } } }).properties).toEqual({ custom: { mood: 'Good' } });
    expect(read({ profile: null, properties: null })).toMatchObject({ profile: {}, properties: {}, flags: [] });
    expect(read({ profile: ['x'] }).flags).toEqual(['field-invalid:profile']);
    expect(read({ profile: { custom: 'x' } }).flags).toEqual(['field-invalid:profile.custom']);
  });

  it('reads orders with their lines, and flags one path once', () => {
    const { order, flags } = read({
      order: { orderId: 7, total: { amountMinor: '1899', currency: 'usd' }, tax: 5, lines: [{ sku: 'a', quantity: '2' }, { quantity: 'x' }, 'no', { sku: 'b', quantity: 'y', price: { amountMinor: 1.5, currency: 'USD' } }] },
    });
    expect(order).toEqual({ orderId: '7', total: { amountMinor: 1899, currency: 'USD' }, lines: [{ sku: 'a', quantity: 2 }, { sku: 'b' }] });
    expect(flags).toEqual(['field-invalid:order.tax', 'field-invalid:order.lines.quantity', 'field-invalid:order.lines', 'field-invalid:order.lines.price']);
  });

  it('has no order, product or store where nothing of it is left', () => {
    const record = read({ order: {}, product: { nope: 1 }, store: 'x' });
    expect(Object.keys(record)).not.toEqual(expect.arrayContaining(['order']));
    expect(record.product).toBeUndefined();
    expect(record.store).toBeUndefined();
    expect(record.flags).toEqual(['unknown-fields', 'field-invalid:store']);
  });

  it('reads the context', () => {
    expect(read({ context: { ip: '203.0.113.7', page: { url: 'https://shop.example.com/?a=1', nope: 1 }, locale: 'en-us', device: { type: 'mobile' } } }).context).toEqual({
      ip: '203.0.113.7', page: { url: 'https://shop.example.com/?a=1' }, locale: 'en-US', device: { type: 'mobile' },
    });
    expect(read({ context: { page: { url: 'javascript://%0aalert(1)' }, ip: '999.1.1.1' } })).toMatchObject({ context: {}, flags: ['field-invalid:context.page.url', 'field-invalid:context.ip'] });
  });

  it('keeps neither prototypes nor operators', () => {
    const tree = JSON.parse('{"profile":{"__proto__":{"polluted":1},"constructor":1,"$set":{"x":1},"a.b":1},"properties":{"__proto__":{"polluted":1},"sku":"s"},"identities":{"userId":"u1","__proto__":"x"},"consents":{"__proto__":true,"constructor":true,"$a":true,"a.b":true}}') as JsonObject;
    const record = read(tree);
    expect(record).toMatchObject({ profile: {}, properties: { sku: 's' }, consents: {} });
    expect(Object.keys(record.profile)).toEqual([]);
    expect(Object.keys(record.consents)).toEqual([]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('canonicalise: consents', () => {
  it('takes booleans only', () => {
    expect(read({ consents: { marketing: true, analytics: false, advertising: 'true', C0002: 1 } })).toMatchObject({ consents: { marketing: true, analytics: false }, flags: ['consent-unreadable'] });
    expect(read({ consents: { marketing: true, advertising: 'true' } }).consents).toEqual({ marketing: true });
    expect(read({ consents: [true] })).toMatchObject({ consents: {}, flags: ['consent-unreadable'] });
    expect(read({ consents: 'all' })).toMatchObject({ consents: {}, flags: ['consent-unreadable'] });
    expect(read({})).toMatchObject({ consents: {}, flags: [] });
  });
});

describe('canonicalise: any tree', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom('42', '1.5', 'true', '2026-02-29', '2024-02-29T10:00:00+08:00', 'CN', 'usd', 'zh-Hant-TW', 'x-private', '+8613912345678', 'Ana@Example.com', 'https://a.example/b', '::1', 1e308, -0, 1.5, 2 ** 53, '9e999'),
    fc.record({ amountMinor: fc.oneof(fc.integer(), fc.string(), fc.double()), currency: fc.constantFrom('USD', 'usd', 'XXX', 'KWD') }),
  ) as fc.Arbitrary<JsonValue>;
  const sectionOf = (section: 'profile' | 'properties' | 'order' | 'context' | 'product' | 'store'): fc.Arbitrary<JsonValue> => {
    const names = dictionary.fields.filter(({ path }) => path.startsWith(`${section}.`)).map(({ path }) => path.slice(section.length + 1).split('.')[0] ?? '');
    return fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.oneof(value, fc.dictionary(fc.constantFrom('sku', 'price', 'quantity', 'url', 'mood', 'city', 'id'), value), fc.array(fc.dictionary(fc.constantFrom('sku', 'price', 'quantity', 'url'), value), { maxLength: 3 })), { maxKeys: 8 }) as fc.Arbitrary<JsonValue>;
  };
  const tree = fc.record({
    type: fc.oneof(fc.constantFrom('track', 'page', 'identify'), value), name: fc.oneof(fc.string(), value), messageId: value, occurredAt: value, identities: fc.oneof(value, fc.record({ userId: fc.oneof(fc.string(), value), email: value })),
    profile: sectionOf('profile'), properties: sectionOf('properties'), order: sectionOf('order'), product: sectionOf('product'), store: sectionOf('store'), context: sectionOf('context'), consents: value,
  }, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

  it('never throws, and gives only what the schema of the dictionary takes', () => {
    let records = 0;
    fc.assert(fc.property(tree, (given) => {
      const { record } = canonicalise(given, context);
      if (record === undefined) return;
      records += 1;
      const { properties, order, product, store } = record;
      const set = Object.fromEntries(Object.entries(record.profile).filter(([, field]) => field !== null));
      expect(dictionary.schemas.profile.safeParse(set).error).toBeUndefined();
      const event = { type: record.type, name: record.name, messageId: record.messageId, properties, context: record.context, order, product, store };
      expect(dictionary.schemas.event.safeParse(event).error).toBeUndefined();
      expect(record.messageId).not.toBe('');
      expect(Number.isInteger(record.occurredAt)).toBe(true);
    }), { numRuns: 1000 });
    expect(records).toBeGreaterThan(50);
  });

  it('gives the same again for what it gave', () => {
    fc.assert(fc.property(tree, (given) => {
      const { record } = canonicalise(given, context);
      if (record === undefined) return;
      // As ISO text: a number before 1973 would be read as seconds.
      const again = { ...record, occurredAt: new Date(record.occurredAt).toISOString(), identities: {} as Record<string, string[]> };
      for (const { namespace, value: text } of record.identities) (again.identities[namespace] ??= []).push(text);
      const second = canonicalise(again as unknown as JsonObject, context).record;
      expect({ ...second, flags: [] }).toEqual({ ...record, flags: [] });
    }), { numRuns: 500 });
  });
});
