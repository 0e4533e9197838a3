import { createDictionary } from '../canonical/create-dictionary.js';
import type { JsonObject } from '../json.js';
import { checkTrackingPlan } from './check-tracking-plan.js';
import { compileTrackingPlan } from './compile-tracking-plan.js';
import { createPlanObserver } from './observe-plan.js';

const dictionary = createDictionary();
const event = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'track', name: 'Product Viewed', properties, ...more });

describe('a plan made of what was seen', () => {
  it('has types, what is always there, and small sets of values of fields that say nothing of a person', async () => {
    const observer = createPlanObserver(dictionary);
    const trees = Array.from({ length: 40 }, (_, at) => event({
      productId: `p-${at}`, category: at % 2 === 0 ? 'Shoes' : 'Hats', price: { amountMinor: at, currency: 'CNY' }, ...(at > 3 ? { position: at } : {}), recipient: 'Ana', unknownThing: 'same', rate: at / 4,
      products: [{ sku: 'a', ...(at > 0 ? { brand: 'x' } : {}) }, { sku: 'b', brand: 'x' }],
    }));
    for (const tree of trees) observer.observe(tree);
    const { plan, observed, leftOut } = observer.plan();
    expect([observed, leftOut]).toEqual([40, []]);
    const fields = Object.fromEntries((plan.events[0]?.fields ?? []).map(({ path, description: _, ...field }) => [path, field]));
    expect(fields).toEqual({
      'properties.productId': { type: 'string', required: true }, 'properties.category': { type: 'string', required: true, values: ['Hats', 'Shoes'] }, 'properties.price': { type: 'money', required: true },
      'properties.position': { type: 'integer' }, 'properties.recipient': { type: 'string', required: true }, 'properties.unknownThing': { type: 'string', required: true }, 'properties.rate': { type: 'number', required: true },
      'properties.products': { type: 'objects', required: true }, 'properties.products.sku': { type: 'string', required: true, values: ['a', 'b'] }, 'properties.products.brand': { type: 'string', values: ['x'] },
    });
    await checkTrackingPlan(plan);
    const compiled = compileTrackingPlan(plan, { planId: 'p', version: 1 });
    expect(trees.map((tree) => compiled.judge(tree, 'web').violations)).toEqual(trees.map(() => []));
  });

  it('leaves out names that break the convention, and says which', () => {
    const observer = createPlanObserver(dictionary);
    observer.observe({ type: 'track', name: 'order paid', properties: {} });
    observer.observe(event({ 'ana@example.com': 1, sku: 's' }));
    const { plan, leftOut } = observer.plan();
    expect(plan.events).toMatchObject([{ name: 'Product Viewed', fields: [{ path: 'properties.sku' }] }]);
    expect(leftOut).toEqual(['order paid', 'properties.*']);
  });

  it('asks for nothing that was seen only a few times', () => {
    const observer = createPlanObserver(dictionary);
    for (let at = 0; at < 4; at += 1) observer.observe(event({ sku: 's' }));
    expect(observer.plan().plan.events[0]?.fields).toMatchObject([{ path: 'properties.sku', type: 'string' }]);
    expect(observer.plan().plan.events[0]?.fields?.[0]).not.toHaveProperty('required');
  });
});
