import { plannedPaths } from './planned-paths.js';

it('names the fields of a list', () => {
  expect(plannedPaths({ name: 'Product Viewed', fields: [{ path: 'properties.price', type: 'money' }] })).toEqual(['properties.price']);
});

it('names what a schema does: below references, within lists, where it is required alone, and under a condition', () => {
  const schema = {
    $defs: { line: { type: 'object', required: ['sku'], properties: { custom: { properties: { mood: { type: 'string' } } } } }, again: { $ref: '#/$defs/line' } },
    properties: {
      order: { properties: { lines: { type: 'array', items: { $ref: '#/$defs/line' } } } },
      properties: { allOf: [{ $ref: '#/$defs/again' }], if: { properties: { kind: { const: 'a' } } }, dependentSchemas: { kind: { properties: { size: {} } } } },
    },
  };
  expect(plannedPaths({ name: 'Product Viewed', schema }).sort()).toEqual([
    'order', 'order.lines', 'order.lines.custom', 'order.lines.custom.mood', 'order.lines.sku', 'properties', 'properties.custom', 'properties.custom.mood', 'properties.kind', 'properties.size', 'properties.sku',
  ]);
});
