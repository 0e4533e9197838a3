import { createDictionary } from '../canonical/create-dictionary.js';
import type { JsonObject, JsonValue } from '../json.js';
import { compileMapping } from './compile-mapping.js';
import { findMismatches } from './find-mismatches.js';
import { runMappingTest, type MappingSurroundings, type MappingTest } from './mapping-test.js';
import type { Mapping } from './mapping.js';

const surroundings: MappingSurroundings = { dictionary: createDictionary(), settings: { shop: 'hz' }, connectionId: 'c', defaultCountry: 'CN' };
const mapping: Mapping = { name: 'Order Completed', 'identities.phone': '{{mobile}}', 'order.orderId': '{{concat @settings.shop "-" id}}', 'order.total': '{{money total "CNY"}}', 'order.lines': { $each: '{{items}}', value: { sku: '{{sku}}' } } };
const sample: JsonValue = { id: 7, mobile: '13912345678', total: '5.00', items: [{ sku: 'a' }, { sku: 'b' }] };
const run = (test: Partial<MappingTest>) => runMappingTest(compileMapping(mapping), { name: 't', sample, ...test }, surroundings);

describe('runMappingTest', () => {
  it('holds when what is expected is there, by the settings and the country of the connection', () => {
    expect(run({ expected: { name: 'Order Completed', identities: [{ namespace: 'phone', value: '+8613912345678' }], order: { orderId: 'hz-7', total: { amountMinor: 500 }, lines: [{}, { sku: 'b' }], note: null } } })).toEqual([]);
    expect(run({ expected: { occurredAt: Date.UTC(2030, 0, 1) } })).toEqual([]);
    expect(run({ expected: { occurredAt: Date.UTC(2026, 4, 1) }, receivedAt: '2026-05-01T00:00:00Z' })).toEqual([]);
  });

  it.each<[string, JsonObject, unknown]>([
    ['another value', { order: { total: { amountMinor: 5 } } }, { path: '/order/total/amountMinor', expected: 5, got: 500 }],
    ['another type', { order: { orderId: 7 } }, { path: '/order/orderId', expected: 7, got: 'hz-7' }],
    ['nothing', { profile: { email: 'ana@example.com' } }, { path: '/profile/email', expected: 'ana@example.com', got: null }],
    ['something where nothing is wanted', { order: { orderId: null } }, { path: '/order/orderId', expected: null, got: 'hz-7' }],
    ['a list of another length', { order: { lines: [{ sku: 'a' }] } }, { path: '/order/lines', expected: [{ sku: 'a' }], got: [{ sku: 'a' }, { sku: 'b' }] }],
    ['an element', { order: { lines: [{ sku: 'a' }, { sku: 'c' }] } }, { path: '/order/lines/1/sku', expected: 'c', got: 'b' }],
  ])('names the place of %s', (_, expected, mismatch) => expect(run({ expected })).toEqual([mismatch]));

  it('knows which records go to quarantine, and which do not', () => {
    expect(run({ sample: {}, expectedError: 'MISSING_IDENTITY' })).toEqual([]);
    expect(run({ sample: {}, expected: { name: 'Order Completed' } })).toEqual([{ path: '/error', expected: null, got: 'MISSING_IDENTITY' }]);
    expect(run({ expectedError: 'MISSING_IDENTITY' })).toEqual([{ path: '/error', expected: 'MISSING_IDENTITY', got: null }]);
    expect(run({ sample: {}, expectedError: 'INVALID_RECORD' })).toEqual([{ path: '/error', expected: 'INVALID_RECORD', got: 'MISSING_IDENTITY' }]);
  });
});

describe('findMismatches, whole', () => {
  it('wants nothing more than was expected, and counts what is empty as absent', () => {
    expect(findMismatches({ a: 1 }, { a: 1, b: { c: [] }, flags: [] }, true)).toEqual([]);
    expect(findMismatches({ a: 1 }, { a: 1, b: { c: 2 } }, true)).toEqual([{ path: '/b', expected: null, got: { c: 2 } }]);
    expect(findMismatches({ a: 1, b: {} }, { a: 1 }, true)).toEqual([]);
  });

  it('writes places as JSON Pointers', () => expect(findMismatches({ 'a/b~': 1 }, {}, false)).toEqual([{ path: '/a~1b~0', expected: 1, got: null }]));
});
