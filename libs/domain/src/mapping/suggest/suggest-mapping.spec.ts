import fc from 'fast-check';
import { createDictionary } from '../../canonical/create-dictionary.js';
import type { JsonValue } from '../../json.js';
import { compileMapping } from '../compile-mapping.js';
import type { Mapping, MappingPart } from '../mapping.js';
import { mapSample } from '../mapping-test.js';
import { FIELD_SYNONYMS, plainName } from './field-synonyms.js';
import { suggestMapping, type MappingSuggestion } from './suggest-mapping.js';
import { templatePath } from './template-path.js';

const dictionary = createDictionary({ customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'Size.' }] });
const suggest = (raw: JsonValue, defaultCountry: string | undefined = 'CN') => suggestMapping(raw, { dictionary, defaultCountry });
const pairs = (suggestions: readonly MappingSuggestion[]) => Object.fromEntries(suggestions.map(({ source, target }) => [target, source]));
const mappingOf = (suggestions: readonly MappingSuggestion[]): Mapping => Object.fromEntries(suggestions.map(({ target, value }) => [target, value])) as MappingPart;

describe('suggestMapping', () => {
  it('knows an order of a webshop, and what its lines are made of', () => {
    const raw: JsonValue = {
      id: 1, order_number: 'A-1', created_at: '2026-11-24T08:00:00Z', financial_status: 'paid', currency: 'EUR', total_price: '59.90', customer: { id: 9, email: 'ana@example.com', first_name: 'Ana', phone: '+8613912345678' },
      line_items: [{ product_id: 5, title: 'Shirt', quantity: 1, price: '59.90' }, { sku: 'S-1' }],
    };
    const found = suggest(raw);
    expect(pairs(found)).toMatchObject({
      'order.orderId': 'id', 'order.orderNumber': 'order_number', occurredAt: 'created_at', 'order.placedAt': 'created_at', 'order.status': 'financial_status', 'order.currency': 'currency', 'order.total': 'total_price', 'identities.email': 'customer.email', 'profile.email': 'customer.email',
      'profile.firstName': 'customer.first_name', 'identities.customerId': 'customer.id', 'identities.phone': 'customer.phone', 'order.lines': 'line_items',
    });
    const { result } = mapSample(compileMapping([{ name: 'Order Completed' }, mappingOf(found) as MappingPart], { targets: dictionary.isTarget }), raw, 0, { dictionary, settings: {}, connectionId: 'c' });
    expect(result.record).toMatchObject({ order: { total: { amountMinor: 5990, currency: 'EUR' }, lines: [{ productId: '5', name: 'Shirt', quantity: 1, price: { amountMinor: 5990, currency: 'EUR' } }, { sku: 'S-1' }] } });
  });

  it('knows Chinese headers, and reads times without a zone as China’s', () => {
    const raw = { 姓名: '王小明', 手机号: '13912345678', 邮箱: 'ming@example.com', 性别: '男', 生日: '1990-05-17', 会员号: 'M1', 会员等级: '金卡', 积分: '1200', 订单号: 'A-1', 实付金额: '59.90', 下单时间: '2026-11-24 16:00:00', 门店编号: 'hz-01' };
    const found = suggest(raw);
    expect(pairs(found)).toMatchObject({
      'profile.name': '姓名', 'identities.phone': '手机号', 'identities.email': '邮箱', 'profile.gender': '性别', 'profile.birthday': '生日', 'identities.memberNo': '会员号', 'profile.membershipLevel': '会员等级', 'profile.loyaltyPoints': '积分', 'order.orderId': '订单号', 'order.total': '实付金额', occurredAt: '下单时间',
      'order.storeId': '门店编号',
    });
    const { result } = mapSample(compileMapping(mappingOf(found)), raw, Date.UTC(2027, 0, 1), { dictionary, settings: {}, connectionId: 'c', defaultCountry: 'CN' });
    expect(result.record).toMatchObject({ occurredAt: Date.UTC(2026, 10, 24, 8), profile: { gender: 'male' }, order: { total: { amountMinor: 5990, currency: 'CNY' } }, flags: [] });
  });

  it('goes by the shape of values where names say nothing, and is less sure', () => {
    const found = suggest({ f1: 'ana@example.com', f2: '13912345678', f3: 'oLVPpjqs9BhvzwPj5A-vTYAX3GLc', f4: '2026-11-24T08:00:00Z', f5: 'EUR' });
    expect(pairs(found)).toMatchObject({ 'identities.email': 'f1', 'identities.phone': 'f2', 'identities.openid': 'f3', occurredAt: 'f4', 'properties.currency': 'f5' });
    expect(found.every(({ reason, confidence, because }) => reason === 'shape' && confidence <= 0.6 && !because.includes('example.com'))).toBe(true);
    expect(suggest({ order_no: 'A', f5: 'EUR', f6: '12.50' }).map(({ target, value }) => [target, value])).toEqual([['order.orderId', '{{order_no}}'], ['order.currency', '{{f5}}'], ['order.total', '{{money f6 "CNY"}}']]);
  });

  it('says why, and is surer the closer a name is', () => {
    const [exact, synonym, shape] = ([{ email: 'a@b.co' }, { customer_email: 'a@b.co' }, { x: 'a@b.co' }] as JsonValue[]).map((raw) => suggest(raw).find(({ target }) => target === 'identities.email'));
    expect([exact?.reason, synonym?.reason, shape?.reason]).toEqual(['name', 'synonym', 'shape']);
    expect(exact!.confidence).toBeGreaterThan(synonym!.confidence);
    expect(synonym!.confidence).toBeGreaterThan(shape!.confidence);
    expect(exact?.because).toBe('"email" is called like identities.email.');
  });

  it('takes amounts in cents as such, and none without a currency', () => {
    expect(suggest({ order_no: 'A', total_cents: 500 }).find(({ target }) => target === 'order.total')?.value).toEqual({ amountMinor: '{{integer total_cents}}', currency: 'CNY' });
    expect(suggest({ order_no: 'A', total: 5, currency: 'EUR' }).find(({ target }) => target === 'order.total')?.value).toBe('{{money total currency}}');
    expect(pairs(suggestMapping({ order_no: 'A', total: 5 }, { dictionary }))).not.toHaveProperty('order.total');
  });

  it.each<[string, JsonValue]>([['a number that is no e-mail address', { email: 5 }], ['text that is no amount', { order_no: 'x', total: 'dear' }], ['a vague name', { id: 7, name: 'x', status: 'y' }], ['no object', 'text'], ['an object that is none', {}]])('proposes nothing for %s', (_, raw) => {
    expect(suggest(raw).filter(({ target }) => target !== 'order.orderId')).toEqual([]);
  });

  it('leaves out what a mapping fills already, and all above and below it', () => {
    const existing = compileMapping({ 'identities.email': '{{x}}', profile: '{{y}}' });
    expect(suggestMapping({ email: 'ana@example.com', city: 'Shanghai' }, { dictionary, existing }).map(({ target }) => target)).toEqual(['store.city']);
  });

  it('knows the workspace’s own fields', () => expect(pairs(suggest({ shoe_size: '42' }))).toEqual({ 'profile.custom.shoeSize': 'shoe_size' }));

  it('has synonyms for targets of the dictionary only', () => {
    const unknown = Object.keys(FIELD_SYNONYMS).filter((target) => !dictionary.isTarget(target.startsWith('lines.') ? `order.${target}` : target));
    expect(unknown).toEqual([]);
    expect(Object.values(FIELD_SYNONYMS).flat().filter((name) => plainName(name) !== name)).toEqual([]);
  });

  it('takes a list, or what cannot be read as text, for no gender', () => {
    expect(suggestMapping({ sex: [['male']], gender: [[{ toString: 1 }]] }, { dictionary }).filter(({ target }) => target === 'profile.gender')).toEqual([]);
  });

  it('never names a target that the dictionary lacks, never gives one target two sources, and always proposes what compiles and gives a value', () => {
    const names = [...Object.values(FIELD_SYNONYMS).flat(), 'customer', 'order', 'items', 'line_items', 'store', 'Customer E-Mail', 'first name', 'true', 'this', 'x]y', '__proto__', 'a.b', '7'];
    const scalar = fc.oneof(fc.constantFrom<JsonValue>('ana@example.com', '13912345678', '2026-11-24 08:00:00', '59.90', 'EUR', 'male', '男', 5, true, null, '', 1_795_507_200, 'zh-CN', 'CN'), fc.string({ maxLength: 12 }), fc.integer());
    const { raw } = fc.letrec<{ raw: JsonValue }>((tie) => ({ raw: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalar, fc.array(tie('raw'), { maxLength: 3 }), fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 6 })), tie('raw'), { maxKeys: 10 })) }));
    fc.assert(fc.property(raw, fc.constantFrom('CN', 'DE', undefined), (sample, defaultCountry) => {
      const found = suggestMapping(sample, { dictionary, defaultCountry });
      const targets = found.map(({ target }) => target);
      expect(targets.filter((target) => !dictionary.isTarget(target))).toEqual([]);
      expect(new Set(targets).size).toBe(targets.length);
      for (const { parts = [] } of found) expect(new Set(parts.map(({ target }) => target)).size).toBe(parts.length);
      const mapped = compileMapping(mappingOf(found), { targets: dictionary.isTarget }).apply(sample, {});
      for (const target of targets) expect([target, target.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown> | undefined)?.[key], mapped)]).not.toEqual([target, undefined]);
    }));
  });
});

describe('templatePath', () => {
  it.each([[['a', 'b'], 'a.b'], [['first name'], '[first name]'], [['true'], '[true]'], [['姓名'], '姓名'], [['a.b'], '[a.b]'], [['x]y'], undefined], [['__proto__'], undefined], [[''], undefined]])('writes %j', (keys, path) => {
    expect(templatePath(keys)).toBe(path);
  });

  it('reads what it names', () => {
    fc.assert(fc.property(fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }), (keys) => {
      const path = templatePath(keys);
      if (path === undefined) return;
      const record = keys.reduceRight<JsonValue>((value, key) => ({ [key]: value }), 'here');
      expect(compileMapping({ a: `{{${path}}}`, b: `{{lower ${path}}}` }).apply(record, {})).toEqual({ a: 'here', b: 'here' });
    }));
  });
});
