import { DAY_MS, type ComparisonOperator, type Condition, type JsonValue, type PropertyCondition, type TimeTest } from '@firsthand/domain';
import fc from 'fast-check';

/** The time about which all of it lies: a little after a midnight. */
export const NOW = Date.UTC(2026, 10, 24, 0, 30);

const HOUR_MS = 3_600_000;
export const EVENT_NAMES = ['Product Viewed', 'Order Completed', 'a.b$c'];

/** Times of a few days, half of them on or beside an edge of hours, where mistakes live. */
export const someTime: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: NOW - 6 * DAY_MS, max: NOW }),
  fc.tuple(fc.integer({ min: -5, max: 150 }), fc.integer({ min: -1, max: 1 })).map(([hours, edge]) => NOW - hours * HOUR_MS + edge),
);
const span = fc.oneof(fc.record({ days: fc.integer({ min: 1, max: 5 }) }), fc.record({ hours: fc.integer({ min: 1, max: 60 }) }), fc.record({ minutes: fc.integer({ min: 1, max: 3_000 }) }));
const days = fc.record({ days: fc.integer({ min: 1, max: 5 }) });
const numberOp = fc.constantFrom('eq' as const, 'gte' as const, 'gt' as const, 'lte' as const, 'lt' as const);
const count = fc.record({ op: numberOp, value: fc.integer({ min: 0, max: 3 }) });
const moment = fc.oneof(fc.record({ ago: span }), fc.record({ ahead: span }), someTime.map((at) => new Date(at).toISOString()), fc.constantFrom('2026-11-23', '2026-11-23T08:00:00+08:00'));
const timeTest: fc.Arbitrary<TimeTest> = fc.record({ op: fc.constantFrom('before' as const, 'after' as const), value: moment });
const event = fc.constantFrom(...EVENT_NAMES, '*', 'Never');
const where = fc.constantFrom<PropertyCondition[]>([{ path: 'properties.sku', op: 'eq', value: 'shirt' }], [{ path: 'properties.amount', op: 'gt', value: 0 }]);

/** Values of traits, with what is easily taken for something else. */
export const someValue: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>(
    'a', 'ab', '', '$a', 'A', '1', 'true', 0, 1, -1, 1.5, true, false, 'é', '.*', '2026-11-23', '2026-02-30', '2026-13-01', '2026-11-23T16:00', '2026-11-23T16:00Z',
    '2026-11-23T16:00:00.5+08:00', '2024-02-29T00:00:00.123456789-23:59', '0001-01-01', '0000-01-01', '2026-11-00', '2026-11-24T24:00:00Z', '20261123', { amountMinor: 1, currency: 'CNY' }, {},
  ),
  someTime.map((at) => new Date(at).toISOString()),
);
export const someTrait: fc.Arbitrary<JsonValue> = fc.oneof({ weight: 4, arbitrary: someValue }, { weight: 1, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.array(fc.oneof(someValue, fc.constant(null)), { maxLength: 3 }) });
export const TRAITS = ['city', 'custom.size', 'seen'];
const trait = fc.constantFrom(...TRAITS, 'absent');
const scalar = someValue.filter((value) => typeof value !== 'object') as fc.Arbitrary<string | number | boolean>;
const date = fc.oneof(fc.constantFrom('2026-11-23', '2026-11-23T16:00:00.500+08:00'), someTime.map((at) => new Date(at).toISOString()));
const compared = <V extends JsonValue>(ops: ComparisonOperator[], value: fc.Arbitrary<V>): fc.Arbitrary<Condition> => fc.record({ trait, op: fc.constantFrom(...ops), value }) as fc.Arbitrary<Condition>;

/** One condition of every kind and operator. */
export const someLeaf: fc.Arbitrary<Condition> = fc.oneof(
  compared(['eq', 'neq', 'contains'], scalar),
  compared(['in', 'notIn'], fc.array(scalar, { minLength: 1, maxLength: 3 })),
  compared(['startsWith', 'contains'], scalar.filter((value) => typeof value === 'string')),
  compared(['gt', 'gte', 'lt', 'lte'], fc.oneof(fc.constantFrom(0, 1, 1.2), date)),
  fc.record({ trait, op: fc.constantFrom('exists' as const, 'notExists' as const) }),
  fc.record({ trait, op: fc.constantFrom('before' as const, 'after' as const), value: moment }) as fc.Arbitrary<Condition>,
  fc.record({ event, within: span }),
  fc.record({ event, where, within: span }, { requiredKeys: ['event'] }),
  fc.record({ event, where, within: days, count }, { requiredKeys: ['event', 'count'] }),
  fc.record({ event, where, within: days, sum: fc.record({ path: fc.constant('properties.amount'), op: numberOp, value: fc.constantFrom(-1, 0, 0.3, 1) }) }, { requiredKeys: ['event', 'sum'] }),
  fc.record({ event, where, first: timeTest }, { requiredKeys: ['event', 'first'] }),
  fc.record({ event, where, last: timeTest }, { requiredKeys: ['event', 'last'] }),
  fc.record({ sequence: fc.array(fc.record({ event, where }, { requiredKeys: ['event'] }), { minLength: 2, maxLength: 3 }), within: span }, { requiredKeys: ['sequence'] }),
  fc.record({ orders: fc.record({ count, amount: fc.record({ op: numberOp, value: fc.integer({ min: 0, max: 300 }), currency: fc.constantFrom('CNY', 'USD') }), first: timeTest, last: timeTest }, { requiredKeys: ['count'] }) }),
  fc.record({ segment: fc.constantFrom('s0', 's1', 'none') }),
  fc.record({ list: fc.constantFrom('l0', 'l1', 'none') }),
  fc.record({ consent: fc.constantFrom('marketing', 'expiring', 'legitimate', 'service', 'abroad', 'children', 'none') }),
  fc.record({ reachable: fc.constantFrom('email' as const, 'device' as const, 'wechat' as const), purpose: fc.constantFrom('marketing', 'service') }),
);

/** Trees of them. */
export const { someCondition } = fc.letrec<{ someCondition: Condition }>((tie) => ({
  someCondition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 3, arbitrary: someLeaf },
    { weight: 1, arbitrary: fc.record({ all: fc.array(tie('someCondition'), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ any: fc.array(tie('someCondition'), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ not: tie('someCondition') }) },
  ),
}));
