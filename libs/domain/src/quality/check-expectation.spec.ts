import { createDictionary } from '../canonical/create-dictionary.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import { checkExpectation } from './check-expectation.js';
import { compileExpectations } from './compile-expectations.js';
import { EXPECTATION_DEFAULTS } from './expectation-schema.js';
import type { Expectation, ExpectationRule } from './expectation.js';

const surroundings = { dictionary: createDictionary(), sources: new Set(['till']), webhooks: new Set(['ops']), plannedEvents: new Set(['Receipt Printed']) };
const expecting = (rule: ExpectationRule, more: Partial<Expectation> = {}): Expectation => ({ ...EXPECTATION_DEFAULTS, name: 'X', rule, ...more });
const rate = { mostFailing: 0 };

function placesOf(expectation: Expectation): string[] {
  try {
    checkExpectation(expectation, surroundings);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_EXPECTATION' });
    return (error as FirsthandError).places.map(({ path }) => path);
  }
}

it('takes what names what there is', () => {
  const scope = { connectionId: 'till', event: 'Receipt Printed' };
  expect(placesOf(expecting({ kind: 'completeness', field: 'order.lines.sku', ...rate }, { scope, alert: { connectionId: 'ops', coolDownMinutes: 1 } }))).toEqual([]);
  expect(placesOf(expecting({ kind: 'reference', field: 'order.storeId', to: { event: 'Receipt Printed', field: 'store.storeId' }, keptDays: 1, ...rate }))).toEqual([]);
  for (const [left, right, operator] of [['order.tax', 'order.total', 'lte'], ['order.orderId', 'store.storeId', 'lt'], ['order.orderId', 'order.total', 'requires']] as const) expect(placesOf(expecting({ kind: 'crossField', left, operator, right, ...rate }))).toEqual([]);
  expect(placesOf(expecting({ kind: 'uniqueness', field: 'order.orderId', withinHours: 1, ...rate }, { scope: { connectionId: null, event: 'Order Completed' } }))).toEqual([]);
});

it.each<[string, ExpectationRule, Partial<Expectation>, string[]]>([
  ['a source and an event that are not there', { kind: 'freshness', withinMinutes: 1 }, { scope: { connectionId: 'shop', event: 'Order Complete' } }, ['/scope/connectionId', '/scope/event']],
  ['a receiver that is none', { kind: 'freshness', withinMinutes: 1 }, { alert: { connectionId: 'till', coolDownMinutes: 1 } }, ['/alert/connectionId']],
  ['a field that is not there', { kind: 'completeness', field: 'order.storeid', ...rate }, {}, ['/rule/field']],
  ['a field that is no value', { kind: 'completeness', field: 'order.lines', ...rate }, {}, ['/rule/field']],
  ['a time zone that is none', { kind: 'volume', weeks: 2, direction: 'down', mostChange: 0.5, timeZone: 'Europe/Berln' }, {}, ['/rule/timeZone']],
  ['a field of no event', { kind: 'completeness', field: 'consent.purpose', ...rate }, {}, ['/rule/field']],
  ['both fields', { kind: 'crossField', left: 'order.a', operator: 'lt', right: 'order.b', ...rate }, {}, ['/rule/left', '/rule/right']],
  ['a text that is to be less than an amount', { kind: 'crossField', left: 'order.orderId', operator: 'lt', right: 'order.total', ...rate }, {}, ['/rule/right']],
  ['a range of a text', { kind: 'range', field: 'order.orderId', minimum: 1, ...rate }, {}, ['/rule/field']],
  ['a range without bounds', { kind: 'range', field: 'order.total', ...rate }, {}, ['/rule']],
  ['bounds the wrong way round', { kind: 'range', field: 'order.total', minimum: 2, maximum: 1, ...rate }, {}, ['/rule/minimum']],
  ['a pattern that can take very long', { kind: 'validity', field: 'properties.coupon', pattern: '(a+)+', ...rate }, {}, ['/rule/pattern']],
  ['a format that is none', { kind: 'validity', field: 'properties.coupon', format: 'colour', ...rate }, {}, ['/rule/format']],
  ['a pattern of no field', { kind: 'validity', field: null, pattern: 'a', ...rate }, {}, ['/rule/field']],
  ['values of a person that would be remembered', { kind: 'uniqueness', field: 'profile.email', withinHours: 1, ...rate }, {}, ['/rule/field']],
  ['what is referred to and not there', { kind: 'reference', field: 'order.storeId', to: { event: 'Store', field: 'store.id' }, keptDays: 1, ...rate }, {}, ['/rule/to/field', '/rule/to/event']],
])('refuses %s, with the place', (_, rule, more, places) => {
  expect(placesOf(expecting(rule, more))).toEqual(places);
});

it('counts go on where limits move, and begin anew where something else is counted', () => {
  const stampOf = (rule: ExpectationRule, more: Partial<Expectation> = {}) => compileExpectations([{ id: 'x', expectation: expecting(rule, more) }])?.all[0]?.stamp;
  const rule = { kind: 'nullRate', field: 'properties.coupon', baselineDays: 7, direction: 'up', mostChange: 0.1 } as const;
  expect(stampOf({ ...rule, baselineDays: 3, direction: 'both', mostChange: 0.2 }, { severity: 'critical', windowMinutes: 5, name: 'Y' })).toBe(stampOf(rule));
  expect(new Set([rule, { ...rule, field: 'properties.reason' }, { kind: 'completeness', field: 'properties.coupon', mostFailing: 0 } as const].map((one) => stampOf(one))).size).toBe(3);
  expect(stampOf(rule, { scope: { connectionId: 'till', event: null } })).not.toBe(stampOf(rule));
});

it('nothing is watched where nothing is expected', () => {
  expect(compileExpectations([])).toBeUndefined();
});
