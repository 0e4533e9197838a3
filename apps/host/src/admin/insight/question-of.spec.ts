import type { Condition } from '@firsthand/domain';
import fc from 'fast-check';
import { questionOf } from './question-of.js';

const leaf = (trait: string): Condition => ({ trait, op: 'exists' });
const [A, B, C] = ['a', 'b', 'c'].map(leaf) as [Condition, Condition, Condition];
const conditions = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, fc.constantFrom(A, B, C), fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }), fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }), fc.record({ not: tie('tree') })),
})).tree;
const holds = (condition: Condition, traits: string): boolean => {
  if ('all' in condition) return condition.all.every((child) => holds(child, traits));
  if ('any' in condition) return condition.any.some((child) => holds(child, traits));
  if ('not' in condition) return !holds(condition.not, traits);
  return 'trait' in condition && traits.includes(condition.trait);
};

it.each<[string, Condition, Condition]>([
  ['in another order', { all: [A, B] }, { all: [B, A] }],
  ['twice', { any: [A, B, A] }, { any: [A, B] }],
  ['in brackets', { all: [A, { all: [B, { all: [C] }] }] }, { all: [C, B, A] }],
  ['denied twice', { not: { not: A } }, A],
  ['with its words in another order', { op: 'exists', trait: 'a' } as Condition, A],
])('is the same of what is said %s', (_, one, other) => {
  expect(questionOf(one)).toBe(questionOf(other));
});

it('holds of the same people as the condition: no two that differ are one question', () => {
  fc.assert(fc.property(conditions, (condition) => {
    const normal = JSON.parse(questionOf(condition)) as Condition;
    for (const traits of ['', 'a', 'b', 'c', 'ab', 'ac', 'bc', 'abc']) expect(holds(normal, traits)).toBe(holds(condition, traits));
    expect(questionOf(normal)).toBe(questionOf(condition));
  }));
});
