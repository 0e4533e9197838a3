import type { JsonValue } from '../json.js';
import { compileComparison } from './compile-comparison.js';
import type { ComparisonOperator } from './condition.js';

function matches(actual: JsonValue | undefined, op: ComparisonOperator, value?: JsonValue): boolean {
  const { holds, isNegated } = compileComparison(op, value);
  return holds(actual) !== isNegated;
}

describe('compileComparison', () => {
  it.each<[JsonValue | undefined, ComparisonOperator, JsonValue | undefined, boolean]>([
    ['Shanghai', 'eq', 'Shanghai', true],
    ['shanghai', 'eq', 'Shanghai', false],
    [1, 'eq', '1', false],
    [true, 'eq', true, true],
    [undefined, 'eq', 'x', false],
    [['a', 'b'], 'eq', 'b', true],
    [[['b']], 'eq', 'b', true],
    [3, 'gt', 2, true],
    [2, 'gt', 2, false],
    [2, 'gte', 2, true],
    [1, 'lt', 2, true],
    [2, 'lt', 2, false],
    [2, 'lte', 2, true],
    ['3', 'gt', 2, false],
    [3, 'gt', '2026-01-01', false],
    ['2026-01-02', 'gt', '2026-01-01T23:59:59Z', true],
    ['2026-01-02', 'lte', '2026-01-02T00:00:00Z', true],
    ['b', 'gt', 'a', false],
    ['2026-01-02', 'after', '2026-01-01', true],
    ['2026-01-01', 'after', '2026-01-01', false],
    ['2026-01-01', 'before', '2026-01-02', true],
    ['2026-01-02', 'before', '2026-01-02', false],
    [5, 'before', '2026-01-02', false],
    ['not a date', 'before', '2026-01-02', false],
    ['b', 'in', ['a', 'b'], true],
    ['2', 'in', [2], false],
    [['x', 'b'], 'in', ['a', 'b'], true],
    ['running shoes', 'contains', 'shoes', true],
    ['Shoes', 'contains', 'shoes', false],
    [['party', 'art'], 'contains', 'art', true],
    [['party'], 'contains', 'art', false],
    [[1, 2], 'contains', 2, true],
    [12, 'contains', 2, false],
    ['SKU-1', 'startsWith', 'SKU', true],
    ['xSKU', 'startsWith', 'SKU', false],
    [7, 'startsWith', '7', false],
    ['', 'exists', undefined, true],
    [false, 'exists', undefined, true],
    [{}, 'exists', undefined, true],
    [null, 'exists', undefined, false],
    [undefined, 'exists', undefined, false],
    [[], 'exists', undefined, false],
    [[null], 'exists', undefined, false],
    [[0], 'exists', undefined, true],
  ])('%j %s %j is %s', (actual, op, value, expected) => {
    expect(matches(actual, op, value)).toBe(expected);
  });

  it.each<[ComparisonOperator, ComparisonOperator, JsonValue | undefined]>([
    ['neq', 'eq', 'a'],
    ['notIn', 'in', ['a', 1]],
    ['notExists', 'exists', undefined],
  ])('%s is the exact opposite of %s', (negative, positive, value) => {
    const actuals: (JsonValue | undefined)[] = ['a', 'b', 1, 2, null, undefined, [], ['a'], ['b'], ['a', 'b'], {}];
    for (const actual of actuals) expect(matches(actual, negative, value)).toBe(!matches(actual, positive, value));
    expect(matches(undefined, negative, value)).toBe(true);
  });
});
