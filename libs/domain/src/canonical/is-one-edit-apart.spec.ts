import fc from 'fast-check';
import { isOneEditApart } from './is-one-edit-apart.js';

/** Optimal string alignment, the slow way. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (__, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      (rows[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1), swapped);
    }
  }
  return at(a.length, b.length);
}

it('is true for texts at a distance of one and no others', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(fc.property(text, text, (one, other) => {
    expect(isOneEditApart(one, other)).toBe(distance(one, other) === 1);
  }), { numRuns: 2_000 });
});

it.each([['shoeSize', 'shoeSizes', true], ['Order Completed', 'Order Complteed', true], ['size', 'side', true], ['size', 'size', false], ['size', 'sides', false], ['ab', 'cd', false], ['', 'a', true]])('%s and %s: %s', (one, other, expected) => {
  expect(isOneEditApart(one, other)).toBe(expected);
});
