import type { JsonObject } from '../json.js';
import { checkTrackingPlan } from './check-tracking-plan.js';
import { DEFAULT_PLAN_ACTIONS, type PlanField, type PlannedEvent, type TrackingPlan } from './tracking-plan.js';

const planOf = (...events: PlannedEvent[]): TrackingPlan => ({ actions: DEFAULT_PLAN_ACTIONS, events });
const event = (change: Partial<PlannedEvent>): PlannedEvent => ({ name: 'Product Viewed', fields: [], ...change });
const withSchema = (schema: JsonObject): TrackingPlan => planOf({ name: 'Product Viewed', schema });
const field = (change: Partial<PlanField>): TrackingPlan => planOf(event({ fields: [{ path: 'properties.price', type: 'number', ...change }] }));

async function placesOf(plan: TrackingPlan): Promise<string[]> {
  const error: unknown = await checkTrackingPlan(plan).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'INVALID_TRACKING_PLAN' });
  return (error as { places: { path: string; message: string }[] }).places.map(({ path, message }) => `${path} ${message}`);
}

describe('checkTrackingPlan', () => {
  it('takes fields, and schemas with references within themselves', async () => {
    const price: JsonObject = { type: 'number', minimum: 0 };
    await checkTrackingPlan(planOf(
      event({ fields: [{ path: 'properties.sku', type: 'string', pattern: '[A-Z]{2}-\\d+' }, { path: 'order.lines', type: 'objects' }, { path: 'order.lines.sku', type: 'string' }] }),
      { name: 'Order Completed', schema: { type: 'object', $defs: { price }, properties: { properties: { type: 'object', properties: { price: { $ref: '#/$defs/price' }, was: { $ref: '#/$defs/price' } } } } } },
    ));
  });

  it('pauses between the events of a large plan', async () => {
    let pauses = 0;
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    await checkTrackingPlan(planOf(...[...letters].flatMap((one) => [...'XY'].map((other) => event({ name: `Thing ${one}${other.toLowerCase()} Viewed` })))), () => Promise.resolve((pauses += 1)));
    expect(pauses).toBe(5);
  });

  it.each<[string, TrackingPlan, RegExp]>([
    ['a name that breaks the convention', planOf(event({ name: 'product_viewed' })), /^\/events\/0\/name .*write "Product Viewed"/],
    ['two names that differ by capital letters', planOf(event({}), event({ name: 'Product VIEWed' })), /^\/events\/1\/name differs from/],
    ['neither fields nor schema', planOf({ name: 'Product Viewed' }), /^\/events\/0 has either/],
    ['nothing to take away', planOf(event({ actions: { missingRequired: 'strip' } })), /^\/events\/0\/actions\/missingRequired/],
    ['a field outside of the sections', field({ path: 'price' }), /^\/events\/0\/fields\/0\/path begins with a section/],
    ['a field name that breaks the convention', field({ path: 'properties.unit_price' }), /^\/events\/0\/fields\/0\/path .*write "unitPrice"/],
    ['a way to the prototype', field({ path: 'properties.__proto__' }), /cannot be a field name/],
    ['a field within a scalar', planOf(event({ fields: [{ path: 'properties.price', type: 'number' }, { path: 'properties.price.net', type: 'number' }] })), /^\/events\/0\/fields\/1\/path lies in properties.price/],
    ['values of another type', field({ values: ['a'] }), /^\/events\/0\/fields\/0\/values/],
    ['bounds the wrong way round', field({ minimum: 2, maximum: 1 }), /^\/events\/0\/fields\/0\/minimum/],
    ['a pattern of a number', field({ pattern: 'a' }), /^\/events\/0\/fields\/0\/pattern goes with a text/],
    ['a regex bomb', field({ type: 'string', pattern: '(a+)+' }), /^\/events\/0\/fields\/0\/pattern can take very long/],
    ['a default of what may be missing', field({ default: 1 }), /^\/events\/0\/fields\/0\/default/],
    ['an unknown keyword', withSchema({ type: 'object', requierd: [] }), /^\/events\/0\/schema\/requierd is no keyword/],
    ['an unknown keyword far within', withSchema({ properties: { properties: { properties: { sku: { anyOf: [{ tpye: 'string' }] } } } } }), /^\/events\/0\/schema\/properties\/properties\/properties\/sku\/anyOf\/0\/tpye is no keyword/],
    ['a keyword of the compiler, which would judge later', withSchema({ $async: true, properties: {} }), /^\/events\/0\/schema\/\$async is no keyword/],
    ['an unknown format', withSchema({ properties: { properties: { properties: { sku: { type: 'string', format: 'regex' } } } } }), /^\/events\/0\/schema\/properties\/properties\/properties\/sku\/format is none of/],
    ['values of which there are none', withSchema({ properties: { properties: { properties: { sku: { enum: [] } } } } }), /^\/events\/0\/schema\/properties\/properties\/properties\/sku\/enum names no value/],
    ['what compares each with every other', withSchema({ properties: { properties: { properties: { tags: { type: 'array', uniqueItems: true, items: { type: ['string', 'object'] } } } } } }), /^\/events\/0\/schema\/properties\/properties\/properties\/tags\/uniqueItems goes with/],
    ['a bad keyword', withSchema({ type: 'object', properties: { properties: { type: 'objekt' } } }), /^\/events\/0\/schema\/properties\/properties\/type /],
    ['a section that events do not have', withSchema({ type: 'object', properties: { price: {} } }), /^\/events\/0\/schema\/properties\/price is no section/],
    ['a remote reference', withSchema({ properties: { properties: { $ref: 'https://example.com/schema.json' } } }), /^\/events\/0\/schema\/properties\/properties\/\$ref leads out/],
    ['a reference to a file', withSchema({ properties: { properties: { $ref: 'prices.json#/x' } } }), /^\/events\/0\/schema\/properties\/properties\/\$ref leads out/],
    ['a reference to nothing', withSchema({ properties: { properties: { $ref: '#/$defs/x' } } }), /^\/events\/0\/schema\/properties\/properties\/\$ref leads nowhere/],
    ['a reference to itself', withSchema({ properties: { properties: { $ref: '#' } } }), /^\/events\/0\/schema\/properties\/properties\/\$ref comes back/],
    ['a circle of references', withSchema({ $defs: { a: { properties: { b: { $ref: '#/$defs/b' } } }, b: { items: { $ref: '#/$defs/a' } } }, properties: { properties: { $ref: '#/$defs/a' } } }), /\/\$ref comes back/],
    ['another way to refer', withSchema({ $id: 'https://example.com/x', properties: {} }), /^\/events\/0\/schema\/\$id is not taken/],
    ['a bomb in a schema', withSchema({ properties: { properties: { type: 'object', properties: { sku: { type: 'string', pattern: '^(\\w+\\s?)*$' } } } } }), /^\/events\/0\/schema\/properties\/properties\/properties\/sku\/pattern can take/],
    ['a bomb as a pattern of names', withSchema({ properties: { properties: { patternProperties: { '^(a|aa)+$': {} } } } }), /^\/events\/0\/schema\/properties\/properties\/patternProperties\/.* can take/],
  ])('refuses %s, with the place', async (_what, plan, place) => {
    expect(await placesOf(plan)).toEqual(expect.arrayContaining([expect.stringMatching(place)]));
  });

  it('refuses references that multiply, and what is too deep', async () => {
    const $defs = Object.fromEntries(Array.from({ length: 9 }, (_, at): [string, JsonObject] => [`d${at}`, at === 8 ? { type: 'number' } : { allOf: Array.from({ length: 5 }, () => ({ $ref: `#/$defs/d${at + 1}` })) }]));
    expect(await placesOf(withSchema({ $defs, properties: { properties: { $ref: '#/$defs/d0' } } }))).toEqual(expect.arrayContaining([expect.stringMatching(/too large/)]));
    const deep = Array.from({ length: 40 }).reduce<JsonObject>((inner) => ({ items: inner }), {});
    expect(await placesOf(withSchema({ properties: { properties: deep } }))).toEqual(expect.arrayContaining([expect.stringMatching(/deeper than/)]));
  });
});
