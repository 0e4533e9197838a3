import { createDictionary } from '../canonical/create-dictionary.js';
import type { JsonObject, JsonValue } from '../json.js';
import { compileMapping } from './compile-mapping.js';
import { coverRaw, rawPaths } from './cover-raw.js';
import { mapSample } from './mapping-test.js';
import type { Mapping } from './mapping.js';
import { traceMapping, type TracedField } from './trace-mapping.js';

const dictionary = createDictionary({ customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'Size.' }] });

function trace(mapping: Mapping, raw: JsonValue): Record<string, Omit<TracedField, 'target'>> {
  const compiled = compileMapping(mapping);
  const { mapped, result } = mapSample(compiled, raw, Date.UTC(2026, 0, 1), { dictionary, settings: {}, connectionId: 'c', defaultCountry: 'CN' });
  return Object.fromEntries(traceMapping({ mapping: compiled, raw, mapped, record: result.record, dictionary, defaultCountry: 'CN' }).map(({ target, ...rest }) => [target, rest]));
}

describe('sources of a mapping', () => {
  it('tell each target apart, conditions and elements too, without the list that is only walked over', () => {
    const { sources, reads } = compileMapping([{ $when: '{{kind}}', a: '{{x.y}}' }, { a: '{{z}}', lines: { $each: '{{items}}', value: { sku: '{{sku}}', cur: '{{@root.currency}}', n: { $when: '{{flag}}', value: '{{n}}' } } }, tags: { $each: '{{split t ","}}', value: '{{upper this}}' }, all: '{{this}}' }]);
    expect(Object.fromEntries(sources)).toEqual({
      a: ['kind', 'x.y', 'z'], lines: ['items.sku', 'currency', 'items.flag', 'items.n'], 'lines.sku': ['items.sku'], 'lines.cur': ['currency'], 'lines.n': ['items.flag', 'items.n'], tags: ['t'], all: ['*'],
    });
    expect(reads.get('lines')).toEqual(['items', 'items.sku', 'currency', 'items.flag', 'items.n']);
    expect(reads.has('lines.sku')).toBe(false);
  });
});

describe('traceMapping', () => {
  it('tells of each field where it comes from, what it is and what was lost', () => {
    const raw: JsonObject = { event: 'Order Completed', at: '2025-12-31T00:00:00Z', mobile: '139 1234 5678', mail: 'none', total: '5.00', code: 'xx', qty: 'many', size: '42', long: 'x'.repeat(9_000), items: [{ sku: 1 }, { other: 1 }, { sku: 'b', price: 'dear' }], free: 'x' };
    const fields = trace({
      name: '{{event}}', occurredAt: '{{at}}', 'identities.phone': '{{mobile}}', 'identities.email': '{{mail}}', 'order.total': '{{money total "CNY"}}', 'order.currency': '{{code}}', 'order.note': '{{long}}', 'profile.custom.shoeSize': '{{size}}',
      'order.coupon': '{{missing}}', 'order.shipping': '{{money qty "CNY"}}', 'order.unheardOf': '{{free}}', 'order.lines': { $each: '{{items}}', value: { sku: '{{sku}}', price: '{{price}}' } }, 'consents.ads': '{{free}}',
    }, raw);
    expect(fields).toEqual({
      name: { sources: ['event'], type: 'string', outcome: 'kept', reason: null, value: 'Order Completed', given: null },
      occurredAt: { sources: ['at'], type: 'datetime', outcome: 'kept', reason: null, value: '2025-12-31T00:00:00.000Z', given: null },
      'identities.phone': { sources: ['mobile'], type: 'string', outcome: 'coerced', reason: null, value: '+8613912345678', given: '139 1234 5678' },
      'identities.email': { sources: ['mail'], type: 'string', outcome: 'dropped', reason: 'names-nobody', value: null, given: 'none' },
      'order.total': { sources: ['total'], type: 'money', outcome: 'kept', reason: null, value: { amountMinor: 500, currency: 'CNY' }, given: null },
      'order.currency': { sources: ['code'], type: 'currency', outcome: 'dropped', reason: 'does-not-fit', value: null, given: 'xx' },
      'order.note': { sources: ['long'], type: 'string', outcome: 'dropped', reason: 'too-long', value: null, given: 'x'.repeat(9_000) },
      'profile.custom.shoeSize': { sources: ['size'], type: 'integer', outcome: 'coerced', reason: null, value: 42, given: '42' },
      'order.shipping': { sources: ['qty'], type: 'money', outcome: 'empty', reason: 'nothing-made', value: null, given: null },
      'order.unheardOf': { sources: ['free'], type: null, outcome: 'dropped', reason: 'not-in-dictionary', value: null, given: 'x' },
      'order.lines.0.sku': { sources: ['items.sku'], type: 'string', outcome: 'coerced', reason: null, value: '1', given: 1 },
      'order.lines.1.sku': { sources: ['items.sku'], type: 'string', outcome: 'kept', reason: null, value: 'b', given: null },
      'order.lines.1.price': { sources: ['items.price'], type: 'money', outcome: 'dropped', reason: 'does-not-fit', value: null, given: 'dear' },
      'consents.ads': { sources: ['free'], type: null, outcome: 'dropped', reason: 'does-not-fit', value: null, given: 'x' },
    });
  });

  it('tells of the fields of a record that goes to quarantine, too', () => {
    expect(trace({ name: '{{n}}', 'identities.email': '{{m}}', 'profile.city': '{{c}}' }, { n: 'A B', m: 'x', c: 'Shanghai' })).toMatchObject({ name: { outcome: 'kept' }, 'identities.email': { outcome: 'dropped', reason: 'names-nobody' }, 'profile.city': { outcome: 'kept', value: 'Shanghai' } });
  });

  it('tells which identities are too many', () => {
    const fields = trace({ 'identities.userId': '{{ids}}', 'identities.anonymousId': '{{a}}' }, { ids: Array.from({ length: 25 }, (_, n) => `u-${n}`), a: 'browser-1' });
    expect(fields).toMatchObject({ 'identities.userId': { outcome: 'truncated', reason: 'too-many' }, 'identities.anonymousId': { outcome: 'truncated', value: null } });
  });

  it('gives the fields of a whole that was taken at once', () => {
    expect(trace({ name: 'A B', 'identities.userId': '{{u}}', properties: '{{camelKeys p}}' }, { u: '1', p: { cart_id: 'c', unheard_of: 1 } })).toMatchObject({
      'properties.cartId': { sources: ['p'], outcome: 'kept', value: 'c' }, 'properties.unheardOf': { sources: ['p'], outcome: 'dropped', reason: 'not-in-dictionary' },
    });
  });

  it('changes nothing of what it is given', () => {
    const raw: JsonObject = { u: '1', items: [{ sku: 'a' }] };
    const before = structuredClone(raw);
    trace({ name: 'A B', 'identities.userId': '{{u}}', 'order.lines': '{{items}}' }, raw);
    expect(raw).toEqual(before);
  });
});

describe('coverRaw', () => {
  it('names what goes nowhere, by its path alone', () => {
    const mapping = compileMapping({ name: '{{event}}', 'profile.custom': '{{traits}}', 'order.lines': { $each: '{{items}}', value: { sku: '{{sku}}' } } });
    const raw: JsonObject = { event: 'x', traits: { a: { b: 1 } }, items: [{ sku: 1, price: 2 }, { price: 3 }], empty: '', none: null, list: [], 'ana@example.com': 1, by: { 13912345678: true } };
    expect(coverRaw(raw, mapping).map(({ path, isMapped }) => [path, isMapped])).toEqual([['event', true], ['traits.a.b', true], ['items.sku', true], ['items.price', false], ['*', false], ['by.*', false]]);
    expect(coverRaw(raw, compileMapping({ properties: '{{this}}' })).every(({ isMapped }) => isMapped)).toBe(true);
  });

  it('gives each path once', () => expect(rawPaths({ id: 1, items: [{ sku: 'a' }, { sku: 'b' }], tags: ['a', 'b'], note: '' })).toEqual(['id', 'items.sku', 'tags']));
});
