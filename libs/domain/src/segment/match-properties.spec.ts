import { matchesProperty, type EventFacts } from './match-properties.js';

const record: EventFacts = {
  type: 'track',
  name: 'Order Completed',
  properties: { sku: 'A-1', constructorName: 'x', tags: ['new', 'sale'] },
  order: { total: 250, lines: [{ category: 'shoes', offers: [{ code: 'X1' }] }, { category: 'bags' }] },
  context: { page: { path: '/cart' } },
};

describe('matchesProperty', () => {
  it('holds for no conditions', () => {
    expect(matchesProperty([], record)).toBe(true);
  });

  it('wants all conditions', () => {
    const isOrder = { path: 'name', op: 'eq', value: 'Order Completed' } as const;
    expect(matchesProperty([isOrder, { path: 'order.total', op: 'gte', value: 250 }], record)).toBe(true);
    expect(matchesProperty([isOrder, { path: 'order.total', op: 'gt', value: 250 }], record)).toBe(false);
  });

  it('reads any element of a list on the path, at any depth', () => {
    expect(matchesProperty([{ path: 'order.lines.category', op: 'eq', value: 'bags' }], record)).toBe(true);
    expect(matchesProperty([{ path: 'order.lines.offers.code', op: 'startsWith', value: 'X' }], record)).toBe(true);
    expect(matchesProperty([{ path: 'order.lines.category', op: 'contains', value: 'sho' }], record)).toBe(true);
    expect(matchesProperty([{ path: 'properties.tags', op: 'contains', value: 'sal' }], record)).toBe(false);
    expect(matchesProperty([{ path: 'order.lines.category', op: 'eq', value: 'hats' }], record)).toBe(false);
  });

  it('lets no element match a negative', () => {
    expect(matchesProperty([{ path: 'order.lines.category', op: 'neq', value: 'bags' }], record)).toBe(false);
    expect(matchesProperty([{ path: 'order.lines.category', op: 'notIn', value: ['hats'] }], record)).toBe(true);
  });

  it('takes a missing part, and what every object inherits, as absent', () => {
    expect(matchesProperty([{ path: 'store.id', op: 'notExists' }], record)).toBe(true);
    expect(matchesProperty([{ path: 'store.id', op: 'exists' }], record)).toBe(false);
    expect(matchesProperty([{ path: 'properties.constructor', op: 'exists' }], record)).toBe(false);
    expect(matchesProperty([{ path: 'properties.sku.length', op: 'exists' }], record)).toBe(false);
    expect(matchesProperty([{ path: 'store.id', op: 'neq', value: '1' }], record)).toBe(true);
  });
});
