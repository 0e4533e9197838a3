import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { activityKey } from './activity-key.js';
import type { PropertyCondition } from './condition.js';
import { activityKeysOf, compileTracked } from './tracked-activity.js';

const shoes: PropertyCondition = { path: 'order.lines.category', op: 'eq', value: 'shoes' };
const dear: PropertyCondition = { path: 'order.total', op: 'gte', value: 100 };

function record(overrides: Partial<CanonicalRecord>): CanonicalRecord {
  return {
    type: 'track', name: 'Order Completed', messageId: 'm1', occurredAt: 0, identities: [], profile: {}, properties: {}, consents: {}, context: {}, flags: [],
    ...overrides,
  };
}

describe('activityKey', () => {
  it('encodes the name, and marks conditions by a hash after #', () => {
    expect(activityKey('Order Completed')).toBe('Order Completed');
    expect(activityKey('*')).toBe('*');
    expect(activityKey('a.b$c#d')).toBe('a%2Eb%24c%23d');
    expect(activityKey('Order Completed', [shoes])).toMatch(/^Order Completed#[\w-]{16}$/);
  });

  it('gives equal sets of conditions one key, and different ones different keys', () => {
    expect(activityKey('A', [shoes, dear])).toBe(activityKey('A', [dear, shoes, { ...dear }]));
    expect(activityKey('A', [shoes])).toBe(activityKey('A', [{ value: 'shoes', op: 'eq', path: 'order.lines.category' }]));
    const keys = [activityKey('A', [shoes]), activityKey('A', [dear]), activityKey('A', [shoes, dear]), activityKey('A', [{ ...dear, value: '100' }]), activityKey('B', [shoes])];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('activityKeysOf', () => {
  const keyOf = (name: string, where: PropertyCondition[]) => ({ key: activityKey(name, where), name, where });
  const tracked = compileTracked([keyOf('Order Completed', [shoes]), keyOf('Order Completed', [shoes]), keyOf('Order Completed', [dear]), keyOf('*', [dear]), keyOf('Order Completed', [])]);

  it('gives the name, any, and each tracked counter whose conditions hold', () => {
    const order = { total: 120, lines: [{ category: 'bags' }, { category: 'shoes' }] };
    expect(activityKeysOf(record({ order }), tracked)).toEqual(['Order Completed', '*', activityKey('Order Completed', [shoes]), activityKey('Order Completed', [dear]), activityKey('*', [dear])]);
    expect(activityKeysOf(record({ order: { total: 5 } }), tracked)).toEqual(['Order Completed', '*']);
    expect(activityKeysOf(record({ name: 'Order Paid', order }), tracked)).toEqual(['Order Paid', '*', activityKey('*', [dear])]);
  });

  it('counts an event that is named * once', () => {
    expect(activityKeysOf(record({ name: '*', order: { total: 120 } }), tracked)).toEqual(['*', activityKey('*', [dear])]);
  });

  it.each(['page', 'screen'] as const)('counts a %s', (type) => {
    expect(activityKeysOf(record({ type, name: 'Page Viewed' }), tracked)).toEqual(['Page Viewed', '*']);
  });

  it.each(['identify', 'group', 'alias', 'delete'] as const)('does not count %s', (type) => {
    expect(activityKeysOf(record({ type, order: { total: 120 } }), tracked)).toEqual([]);
  });
});
