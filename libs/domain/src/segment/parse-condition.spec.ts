import fc from 'fast-check';
import { z } from 'zod';
import { FirsthandError } from '../errors/firsthand-error.js';
import { conditionSchema } from './condition-schema.js';
import { conditionPlaces, parseCondition } from './parse-condition.js';

function nested(levels: number): unknown {
  let condition: unknown = { segment: 's' };
  for (let level = 1; level < levels; level += 1) condition = { not: condition };
  return condition;
}

const valid: unknown[] = [
  { all: [] },
  { any: [{ not: { consent: 'marketing' } }, { segment: 's1' }] },
  { trait: 'city', op: 'eq', value: 'Shanghai' },
  { trait: 'custom.shoeSize', op: 'in', value: [42, 43] },
  { trait: 'birthday', op: 'before', value: { ago: { days: 6_570 / 2 } } },
  { trait: 'birthday', op: 'after', value: '2000-01-01' },
  { trait: 'email', op: 'exists' },
  { event: 'Order Completed' },
  { event: '*', within: { minutes: 30 } },
  { event: 'Order Completed', where: [{ path: 'order.lines.category', op: 'eq', value: 'shoes' }, { path: 'name', op: 'exists' }], within: { days: 400 }, count: { op: 'gte', value: 3 } },
  { trait: 'memberSince', op: 'before', value: { ahead: { days: 7 } } },
  { event: 'Order Completed', where: [], within: { days: 400 }, sum: { path: 'order.lines.quantity', op: 'lt', value: -0.5 } },
  { event: 'Order Completed', first: { op: 'after', value: { ago: { days: 30 } } } },
  { event: '*', last: { op: 'before', value: '2026-01-01' } },
  { sequence: [{ event: 'Product Viewed', where: [{ path: 'properties.sku', op: 'exists' }] }, { event: '*' }], within: { minutes: 5 } },
  { orders: { within: { days: 365 }, count: { op: 'gte', value: 3 }, amount: { op: 'gte', value: 100_000, currency: 'CNY' }, first: { op: 'before', value: '2026-01-01' }, last: { op: 'after', value: { ago: { days: 30 } } } } },
  { reachable: 'wechat', purpose: 'marketing' },
  nested(16),
  { all: Array.from({ length: 199 }, () => ({ segment: 's' })) },
];

const invalid: [unknown, string[]][] = [
  [null, ['']],
  [[], ['']],
  ['all', ['']],
  [{}, ['']],
  [{ all: [], any: [] }, ['']],
  [{ all: {} }, ['/all']],
  [{ all: [], note: 'x' }, ['/note']],
  [{ any: [{ segment: 's' }, { trait: 'a', op: 'eq' }, { not: { consent: '' } }] }, ['/any/1/value', '/any/2/not/consent']],
  [{ trait: 'a', op: 'like', value: 'x' }, ['/op']],
  [{ trait: 'a', op: 'eq', value: null }, ['/value']],
  [{ trait: 'a', op: 'eq', value: ['x'] }, ['/value']],
  [{ trait: 'a', op: 'in', value: 'x' }, ['/value']],
  [{ trait: 'a', op: 'in', value: [] }, ['/value']],
  [{ trait: 'a', op: 'gt', value: 'ten' }, ['/value']],
  [{ trait: 'a', op: 'gt', value: { ago: { days: 1 } } }, ['/value']],
  [{ trait: 'a', op: 'before', value: 5 }, ['/value']],
  [{ trait: 'a', op: 'before', value: { ago: { days: 1, hours: 1 } } }, ['/value']],
  [{ trait: 'a', op: 'before', value: { ago: { days: 5_000 } } }, ['/value/ago']],
  [{ trait: 'a', op: 'startsWith', value: 5 }, ['/value']],
  [{ trait: 'a', op: 'exists', value: true }, ['/value']],
  [{ event: 'A', within: { hours: 24 }, count: { op: 'gte', value: 2 } }, ['/within']],
  [{ event: 'A', within: { days: 401 }, count: { op: 'gte', value: 2 } }, ['/within/days']],
  [{ event: 'A', within: { days: 0 } }, ['/within/days']],
  [{ event: 'A', within: { days: 1.5 } }, ['/within']],
  [{ event: 'A', count: { op: 'neq', value: 2 } }, ['/count/op']],
  [{ event: 'A', where: [{ path: 'profile.email', op: 'exists' }] }, ['/where/0/path']],
  [{ event: 'A', where: [{ path: 'order', op: 'exists' }] }, ['/where/0/path']],
  [{ event: 'A', where: [{ path: 'order..total', op: 'exists' }] }, ['/where/0/path']],
  [{ event: 'A', where: [{ path: 'order.at', op: 'before', value: { ago: { days: 1 } } }] }, ['/where/0/value']],
  [{ segment: 's', since: 1 }, ['']],
  [{ trait: 'a', op: 'before', value: { ago: { days: 1 }, ahead: { days: 1 } } }, ['/value']],
  [{ event: 'A', count: { op: 'eq', value: 1 }, sum: { path: 'properties.x', op: 'eq', value: 1 }, last: { op: 'after', value: '2026-01-01' } }, ['/sum', '/last']],
  [{ event: 'A', within: { days: 1 }, first: { op: 'after', value: '2026-01-01' } }, ['/within']],
  [{ event: 'A', within: { hours: 1 }, sum: { path: 'properties.x', op: 'eq', value: 1 } }, ['/within']],
  [{ event: 'A', sum: { path: 'x', op: 'eq', value: 1 } }, ['/sum/path']],
  [{ event: 'A', last: { op: 'after', value: 'lately' } }, ['/last/value']],
  [{ event: 'A', last: { op: 'gt', value: '2026-01-01' } }, ['/last/op']],
  [{ sequence: [{ event: 'A' }] }, ['/sequence']],
  [{ sequence: Array.from({ length: 6 }, () => ({ event: 'A' })) }, ['/sequence']],
  [{ sequence: [{ event: 'A' }, { segment: 's' }] }, ['/sequence/1/event', '/sequence/1']],
  [{ sequence: [{ event: 'A' }, { event: '' }] }, ['/sequence/1/event']],
  [{ orders: {} }, ['/orders']],
  [{ orders: { within: { days: 1 }, last: { op: 'after', value: '2026-01-01' } } }, ['/orders/within']],
  [{ orders: { amount: { op: 'gte', value: 1, currency: 'yuan' } } }, ['/orders/amount/currency']],
  [{ reachable: 'pigeon', purpose: 'marketing' }, ['/reachable']],
  [{ reachable: 'email' }, ['/purpose']],
  [nested(17), ['/not'.repeat(16)]],
  [{ all: Array.from({ length: 200 }, () => ({ segment: 's' })) }, ['']],
];

describe('parseCondition', () => {
  it.each(valid)('takes %j', (condition) => {
    expect(parseCondition(condition)).toBe(condition);
  });

  it.each(invalid)('names each wrong place of %j', (condition, paths) => {
    expect(conditionPlaces(condition).map((place) => place.path)).toEqual(paths);
    expect(conditionPlaces(condition, '/steps/0').map((place) => place.path)).toEqual(paths.map((path) => `/steps/0${path}`));
  });

  it('throws INVALID_SEGMENT with the places', () => {
    const parse = () => parseCondition({ trait: 'a', op: 'gt', value: true });
    expect(parse).toThrow(FirsthandError);
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_SEGMENT', places: [{ path: '/value', message: '`gt` wants a number or an ISO date' }] }));
  });

  it('is not overcome by depth or breadth', () => {
    expect(conditionPlaces(nested(100_000))).toHaveLength(1);
    expect(conditionPlaces({ all: Array.from({ length: 100_000 }, () => 0) })).toHaveLength(200);
  });
});

describe('conditionSchema', () => {
  it('takes and refuses the same trees as parseCondition', () => {
    for (const condition of valid) expect(conditionSchema.safeParse(condition).success).toBe(true);
    for (const [condition] of invalid) expect(conditionSchema.safeParse(condition).success).toBe(false);
  });

  it('agrees with parseCondition on any tree', () => {
    const value = fc.oneof(fc.constantFrom<unknown>('2026-01-01', 'x', 1, true, null, ['a'], [], { ago: { days: 1 } }, { ago: {} }), fc.jsonValue());
    const op = fc.constantFrom('eq', 'neq', 'gt', 'in', 'notIn', 'contains', 'startsWith', 'exists', 'before', 'bogus');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 },
        fc.record({ trait: fc.constantFrom('a', ''), op, value }, { requiredKeys: ['trait'] }),
        fc.record({ event: fc.constant('A'), within: fc.constantFrom<unknown>({ days: 3 }, { hours: 3 }, { days: 500 }, 3), count: fc.constantFrom<unknown>({ op: 'gte', value: 1 }, { op: 'eq' }), where: fc.array(fc.record({ path: fc.constantFrom('order.total', 'x'), op, value }, { requiredKeys: ['path', 'op'] }), { maxLength: 2 }) }, { requiredKeys: ['event'] }),
        fc.record({ event: fc.constant('A'), within: fc.constantFrom<unknown>({ days: 3 }, { hours: 3 }), sum: fc.record({ path: fc.constantFrom('properties.a', 'a'), op, value }), first: fc.record({ op, value }), last: fc.record({ op, value }) }, { requiredKeys: ['event'] }),
        fc.record({ sequence: fc.array(fc.record({ event: fc.constantFrom('A', '') }), { maxLength: 6 }) }),
        fc.record({ orders: fc.record({ within: fc.constant({ days: 3 }), count: fc.record({ op, value }), amount: fc.record({ op, value, currency: fc.constantFrom('CNY', 'cny') }), last: fc.record({ op, value }) }, { requiredKeys: [] }) }),
        fc.record({ reachable: fc.constantFrom('email', 'fax'), purpose: fc.constant('p') }, { requiredKeys: ['reachable'] }),
        fc.record({ segment: fc.constant('s'), extra: fc.constant(1) }, { requiredKeys: ['segment'] }),
        fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ not: tie('tree') }),
        fc.jsonValue(),
      ),
    }));
    fc.assert(fc.property(tree, (condition) => conditionSchema.safeParse(condition).success === (conditionPlaces(condition).length === 0)), { numRuns: 500 });
  });

  it('becomes a named OpenAPI component that refers to itself', () => {
    const document = z.toJSONSchema(z.object({ condition: conditionSchema }), { target: 'openapi-3.0', io: 'input' });
    expect(JSON.stringify(document)).toContain('"condition":{"$ref":"#/definitions/Condition"}');
    expect(Object.keys(document.definitions ?? {}).sort()).toEqual(['Condition', 'PropertyCondition', 'Span']);
  });
});
