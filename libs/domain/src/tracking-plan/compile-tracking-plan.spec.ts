import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../json.js';
import { checkTrackingPlan } from './check-tracking-plan.js';
import { compileTrackingPlan, missingTrackingPlan, type PlanJudgement } from './compile-tracking-plan.js';
import { DEFAULT_PLAN_ACTIONS, PLAN_ACTIONS, VIOLATION_KINDS, type PlanAction, type PlanActions, type PlannedEvent, type ViolationKind } from './tracking-plan.js';

const FIELDS: PlannedEvent['fields'] = [
  { path: 'properties.productId', type: 'string', required: true }, { path: 'properties.price', type: 'number', minimum: 0 }, { path: 'properties.size', type: 'string', values: ['S', 'M', 'L'] },
  { path: 'properties.isNew', type: 'boolean' }, { path: 'properties.at', type: 'datetime' }, { path: 'properties.colour', type: 'string', required: true, default: 'plain' }, { path: 'properties.tags', type: 'strings' },
  { path: 'properties.lines', type: 'objects' }, { path: 'properties.lines.sku', type: 'string', required: true },
];
const ALLOW = Object.fromEntries(VIOLATION_KINDS.map((kind) => [kind, 'allow'])) as PlanActions;
const GOOD: JsonObject = { productId: 'p-1', colour: 'red' };

function judge(properties: JsonObject, actions: Partial<PlanActions> = {}, change: { name?: string; event?: Partial<PlannedEvent>; connectionId?: string; type?: string } = {}): PlanJudgement {
  const plan = compileTrackingPlan({ actions: { ...ALLOW, ...actions }, events: [{ name: 'Product Viewed', fields: FIELDS, ...change.event }] }, { planId: 'shop', version: 3 });
  return plan.judge({ type: change.type ?? 'track', name: change.name ?? 'Product Viewed', properties }, change.connectionId ?? 'web');
}

/** One event for each kind of violation, with its place. */
const EXAMPLES: Record<ViolationKind, { properties: JsonObject; name?: string; place: string }> = {
  unplannedEvent: { properties: {}, name: 'Coupon Entered', place: '/name' },
  missingRequired: { properties: { colour: 'red' }, place: '/properties/productId' },
  wrongType: { properties: { ...GOOD, price: 'a lot' }, place: '/properties/price' },
  valueNotAllowed: { properties: { ...GOOD, size: 'XXL' }, place: '/properties/size' },
  unplannedProperty: { properties: { ...GOOD, mood: 'fine' }, place: '/properties/mood' },
  badName: { properties: { ...GOOD, shoe_size: 42 }, place: '/properties/shoe_size' },
};

describe('a compiled tracking plan', () => {
  it('passes what fits, as it came', () => {
    const properties = { ...GOOD, price: 5, size: 'M', isNew: true, at: '2026-11-24T08:00:00.000Z', tags: ['a'], lines: [{ sku: 's' }], coupon: null, brand: '' };
    const tree = { type: 'track', name: 'Product Viewed', properties };
    const judged = compileTrackingPlan({ actions: DEFAULT_PLAN_ACTIONS, events: [{ name: 'Product Viewed', fields: FIELDS }] }, { planId: 'shop', version: 1 }).judge(tree, 'web');
    expect(judged).toEqual({ tree, verdict: 'passed', rule: null, places: [], flags: [], counts: {}, violations: [] });
    expect(judged.tree).toBe(tree);
  });

  it('fails at a schema that would be judged later: the event is put aside then, and not passed', () => {
    expect(() => judge(GOOD, {}, { event: { fields: undefined, schema: { $async: true, properties: {} } } })).toThrow(expect.objectContaining({ code: 'TRACKING_PLAN_FAILED' }));
  });

  it('judges what a reference to one of several alternatives asks for, also beside the alternatives', () => {
    const schema = { properties: { properties: { properties: { a: { anyOf: [{ type: 'string' }, { type: 'number' }] }, b: { $ref: '#/properties/properties/properties/a/anyOf/0' } } } } };
    const judged = (properties: JsonObject): string[] => judge(properties, { wrongType: 'quarantine', valueNotAllowed: 'flag' }, { event: { fields: undefined, schema } }).violations.map(({ kind, path }) => `${kind} ${path}`);
    expect(judged({ a: true })).toEqual(['valueNotAllowed properties.a']);
    expect(judged({ b: true })).toEqual(['wrongType properties.b']);
    expect(judged({ a: true, b: true })).toEqual(['valueNotAllowed properties.a', 'wrongType properties.b']);
    expect(judged({ a: 1, b: 'x' })).toEqual([]);
  });

  it.each([['money', 'amount of money'], ['strings', 'list'], ['integer', 'integer']] as const)('says that a value is no %s in words that who repairs it knows', (type, words) => {
    const judged = judge({ value: 'abc' }, { wrongType: 'quarantine' }, { event: { fields: [{ path: 'properties.value', type }] } });
    expect(judged.places).toEqual([{ path: '/properties/value', message: `wrongType: is no ${words}` }]);
  });

  it.each(VIOLATION_KINDS)('finds %s, does what the plan says of it, and counts it', (kind) => {
    const { properties, name, place } = EXAMPLES[kind];
    const change = name === undefined ? {} : { name };
    const path = place.slice(1).replaceAll('/', '.');
    expect(judge(properties, {}, change)).toMatchObject({ verdict: 'passed', flags: [] });
    expect(judge(properties, { [kind]: 'flag' }, change)).toMatchObject({ verdict: 'passed', flags: [`plan:${kind}:${path}`], counts: { [`${kind}.flag`]: 1 } });
    expect(judge(properties, { [kind]: 'quarantine' }, change)).toMatchObject({ verdict: 'quarantined', rule: `shop:${kind}`, places: [{ path: place }] });
    expect(judge(properties, { [kind]: 'refuse' }, change)).toMatchObject({ verdict: 'refused', rule: `shop:${kind}` });
    // None of these can be made right without a guess.
    expect(judge(properties, { [kind]: 'coerce' }, change)).toMatchObject({ verdict: 'quarantined', rule: `shop:${kind}`, places: [{ path: place, message: expect.stringMatching(/could not repair/) as unknown }] });
  });

  it.each<[string, JsonValue, JsonValue, string]>([
    ['price', '12.50', 12.5, 'string-number'], ['isNew', 1, true, 'number-boolean'], ['at', 1_764_000_000_000, new Date(1_764_000_000_000).toISOString(), 'number-string'], ['productId', 17, '17', 'number-string'], ['tags', 'new', ['new'], 'string-list'],
  ])('coerces the type of %s and writes it down', (name, given, made, note) => {
    const judged = judge({ ...GOOD, [name]: given }, { wrongType: 'coerce' });
    expect(judged).toMatchObject({ verdict: 'passed', tree: { properties: { [name]: made } }, flags: [`plan-coerced:properties.${name}:${note}`], counts: { 'wrongType.coerce': 1 } });
  });

  it('coerces spelling, names and what is missing, where there is one way to', () => {
    expect(judge({ ...GOOD, size: ' m ' }, { valueNotAllowed: 'coerce' })).toMatchObject({ verdict: 'passed', tree: { properties: { size: 'M' } }, flags: ['plan-coerced:properties.size:spelling'] });
    expect(judge({ product_id: 'p-1', colour: 'red' }, { badName: 'coerce', unplannedProperty: 'quarantine', missingRequired: 'quarantine' })).toMatchObject({ verdict: 'passed', tree: { properties: { productId: 'p-1' } }, flags: ['plan-renamed:properties.productId'] });
    expect(judge({ productId: 'p-1' }, { missingRequired: 'coerce' })).toMatchObject({ verdict: 'passed', tree: { properties: { colour: 'plain' } }, flags: ['plan-coerced:properties.colour:default'] });
    expect(judge(GOOD, { badName: 'coerce', unplannedEvent: 'quarantine' }, { name: 'product_viewed' })).toMatchObject({ verdict: 'passed', tree: { name: 'Product Viewed' }, flags: ['plan-renamed:name'] });
  });

  it('strips what does not fit, and judges what is left', () => {
    expect(judge({ ...GOOD, mood: 'fine' }, { unplannedProperty: 'strip' })).toMatchObject({ verdict: 'passed', tree: { properties: GOOD }, flags: ['plan-stripped:properties.mood'] });
    expect(judge({ ...GOOD, productId: {} }, { wrongType: 'strip', missingRequired: 'quarantine' })).toMatchObject({ verdict: 'quarantined', rule: 'shop:missingRequired' });
    const tree = judge({ secret: 'x' }, { unplannedEvent: 'strip' }, { name: 'Coupon Entered' });
    expect(tree).toMatchObject({ verdict: 'passed', flags: ['plan-stripped:event'] });
    expect(tree.tree).toEqual({ type: 'track', name: 'Coupon Entered' });
    expect(judge({}, { unplannedEvent: 'strip', badName: 'quarantine' }, { name: 'coupon-entered' })).toMatchObject({ verdict: 'quarantined', rule: 'shop:badName' });
  });

  it('takes a whole list away where one entry does not fit, and a field of an entry alone', () => {
    expect(judge({ ...GOOD, tags: ['a', {}] }, { wrongType: 'strip' }).tree).toMatchObject({ properties: GOOD });
    expect(judge({ ...GOOD, lines: [{ sku: 's', mood: 1 }] }, { unplannedProperty: 'strip' }).tree).toEqual({ type: 'track', name: 'Product Viewed', properties: { ...GOOD, lines: [{ sku: 's' }] } });
  });

  it('lets an event have actions of its own, and only some connections send it', () => {
    expect(judge({ ...GOOD, mood: 1 }, { unplannedProperty: 'refuse' }, { event: { actions: { unplannedProperty: 'allow' } } }).verdict).toBe('passed');
    const pos = { event: { sources: ['till'] } };
    expect(judge(GOOD, { unplannedEvent: 'quarantine' }, pos)).toMatchObject({ verdict: 'quarantined', places: [{ message: 'unplannedEvent: is not planned for this source' }] });
    expect(judge(GOOD, { unplannedEvent: 'quarantine' }, { ...pos, connectionId: 'till' }).verdict).toBe('passed');
  });

  it('judges calls without a name of their own only where the plan has them, and erasures never', () => {
    expect(judge({}, { unplannedEvent: 'refuse' }, { name: 'Shoes', type: 'page' }).verdict).toBe('passed');
    expect(judge({}, { missingRequired: 'quarantine' }, { name: 'Shoes', type: 'page', event: { name: 'Page Viewed' } }).verdict).toBe('quarantined');
    expect(judge({}, { unplannedEvent: 'refuse', missingRequired: 'refuse' }, { name: 'Profile Deleted', type: 'delete', event: { name: 'Profile Deleted' } }).verdict).toBe('passed');
  });

  it('judges alternatives of a schema as one rule', () => {
    const schema: JsonObject = { type: 'object', properties: { properties: { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }] } } };
    const judged = judge({}, { valueNotAllowed: 'quarantine', missingRequired: 'refuse' }, { event: { fields: undefined, schema } });
    expect(judged).toMatchObject({ verdict: 'quarantined', places: [{ path: '/properties' }] });
    expect(judged.violations).toHaveLength(1);
  });

  it('shows no name that may be anything, and no value', () => {
    const judged = judge({ ...GOOD, 'ana@example.com': 'secret-value', price: 'secret-price' }, { unplannedProperty: 'quarantine', wrongType: 'quarantine', badName: 'flag' });
    expect(JSON.stringify({ ...judged, tree: null })).not.toMatch(/ana@|secret/);
    expect(judged.places).toContainEqual({ path: '/properties/*', message: 'unplannedProperty: is not planned' });
  });

  it('cannot judge for a plan that is not there', () => {
    expect(() => missingTrackingPlan('gone').judge({}, 'web')).toThrow(expect.objectContaining({ code: 'TRACKING_PLAN_FAILED' }));
  });

  it('of 500 events and 5,000 properties compiles each event once, and none for a record', async () => {
    const names = Array.from({ length: 500 }, (_, at) => `Thing${at} Viewed`);
    const plan = { actions: { ...ALLOW, missingRequired: 'quarantine' as const }, events: names.map((name) => ({ name, fields: Array.from({ length: 10 }, (_, at) => ({ path: `properties.field${at}`, type: 'string' as const, required: true })) })) };
    await checkTrackingPlan(plan);
    const compiled = compileTrackingPlan(plan, { planId: 'large', version: 1 });
    expect(compiled.compiledEvents).toBe(0);
    const full = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`field${at}`, 'x']));
    for (let round = 0; round < 3; round += 1) {
      for (const name of names) expect(compiled.judge({ type: 'track', name, properties: full }, 'web').verdict).toBe('passed');
      expect(compiled.compiledEvents).toBe(500);
    }
    expect(compiled.judge({ type: 'track', name: 'Thing499 Viewed', properties: {} }, 'web').violations).toHaveLength(10);
    expect(compiled.compiledEvents).toBe(500);
  });
});

describe('any event under any plan', () => {
  const action = fc.constantFrom(...PLAN_ACTIONS);
  const actions = fc.record(Object.fromEntries(VIOLATION_KINDS.map((kind) => [kind, kind === 'missingRequired' ? action.map((one): PlanAction => (one === 'strip' ? 'flag' : one)) : action])) as Record<ViolationKind, fc.Arbitrary<PlanAction>>);
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('m', 'S', '12', 'true', 7, null, '', '2026-11-24')) as fc.Arbitrary<JsonValue>;
  const key = fc.oneof(fc.constantFrom('productId', 'product_id', 'price', 'size', 'isNew', 'at', 'colour', 'tags', 'lines', 'Colour'), fc.string({ maxLength: 12 }));
  const tree = fc.record({ type: fc.constantFrom('track', 'page', 'identify'), name: fc.constantFrom('Product Viewed', 'product viewed', 'Coupon Entered', 'x'), properties: fc.dictionary(key, value, { maxKeys: 6 }) }) as fc.Arbitrary<JsonObject>;
  const compiled = (given: PlanActions) => compileTrackingPlan({ actions: given, events: [{ name: 'Product Viewed', fields: FIELDS }, { name: 'Page Viewed', fields: FIELDS }] }, { planId: 'p', version: 1 });

  it('is left as it came, and passes only as the plan says', () => {
    fc.assert(fc.property(actions, tree, (given, event) => {
      const before = structuredClone(event);
      const plan = compiled(given);
      const judged = plan.judge(event, 'web');
      expect(event).toEqual(before);
      // Judged by what the plan forbids alone, what has passed breaks none of it.
      if (judged.verdict === 'passed' && !judged.flags.includes('plan-stripped:event')) {
        const strict = Object.fromEntries(VIOLATION_KINDS.map((kind) => [kind, given[kind] === 'allow' || given[kind] === 'flag' ? 'allow' : 'refuse'])) as PlanActions;
        expect(compiled(strict).judge(judged.tree, 'web').verdict).toBe('passed');
      }
      // What would be refused or put aside never becomes less than that by another turn.
      expect(plan.judge(judged.tree, 'web').verdict).toBe(judged.verdict);
    }), { numRuns: 150 });
  });

  it('never passes with a kind of violation that the plan refuses', () => {
    const open = compiled(ALLOW);
    const strict = new Map(VIOLATION_KINDS.map((kind) => [kind, compiled({ ...ALLOW, [kind]: 'refuse' })]));
    fc.assert(fc.property(fc.constantFrom(...VIOLATION_KINDS), tree, (kind, event) => {
      const found = open.judge(event, 'web').violations.some((violation) => violation.kind === kind);
      expect(strict.get(kind)?.judge(event, 'web').verdict).toBe(found ? 'refused' : 'passed');
    }), { numRuns: 500 });
  });
});
