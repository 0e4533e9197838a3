import { FirsthandError, type Condition } from '@firsthand/domain';

/** Each part is tried against all others, once for each that goes. */
const MOST_PARTS = 16;

/** A test that is made of no others. */
export type Leaf = Exclude<Condition, { all: unknown } | { any: unknown } | { not: unknown }>;

/**
 * The tests of a condition, in the order in which they stand in it.
 *
 * @throws FirsthandError `INVALID_SEGMENT` for one of more than can be tried
 */
export function leavesOf(condition: Condition): Leaf[] {
  const leaves: Leaf[] = [];
  mapLeaves(condition, (leaf) => {
    leaves.push(leaf);
    return leaf;
  });
  if (leaves.length > MOST_PARTS) throw new FirsthandError('INVALID_SEGMENT', undefined, [{ path: '', message: `has more than ${MOST_PARTS} parts: numbers of groups are not told of such a one` }]);
  return leaves;
}

/**
 * A condition without its tests that decide on fewer people than make a group, all else being as it is: whether such a test holds of somebody shows in the difference of two numbers, however these are rounded,
 * by whoever has tried until one more counts. What is left is the same whether it holds or not. The test of the least effect goes first, one at a time, since others may decide on more people without it.
 *
 * @param answers how many people answer alike: a digit for each leaf in order, 1 where it holds, to their number
 * @example withoutSmallParts({ any: [city, { all: [{ trait: 'email', op: 'eq', value }, sick] }] }, answers, 50) // { any: [city, { all: [{ any: [] }, { any: [] }] }] }
 */
export function withoutSmallParts(condition: Condition, answers: ReadonlyMap<string, number>, smallest: number): Condition {
  const fixed: (boolean | null)[] = leavesOf(condition).map(() => null);
  for (let least = leastEffect(condition, answers, fixed, smallest); least !== undefined; least = leastEffect(condition, answers, fixed, smallest)) fixed[least.index] = least.becomes;
  let index = -1;
  return mapLeaves(condition, (leaf) => {
    const value = fixed[(index += 1)] ?? null;
    return value === null ? leaf : value ? { all: [] } : { any: [] };
  });
}

/** The test of the least effect of those whose effect is smaller than a group, and what it becomes: what it is for most of whom it decides on, false where these are too few as well. */
function leastEffect(condition: Condition, answers: ReadonlyMap<string, number>, fixed: readonly (boolean | null)[], smallest: number): { index: number; becomes: boolean } | undefined {
  let least: { index: number; becomes: boolean; effect: number } | undefined;
  for (const [index, value] of fixed.entries()) {
    if (value !== null) continue;
    const counts = { holds: 0, fails: 0 };
    for (const [answer, people] of answers) {
      const holdsIf = (own: boolean): boolean => holds(condition, (at) => (at === index ? own : fixed[at] ?? answer[at] === '1'), { next: 0 });
      if (holdsIf(true) !== holdsIf(false)) counts[answer[index] === '1' ? 'holds' : 'fails'] += people;
    }
    const effect = Math.min(counts.holds, counts.fails);
    if (effect < smallest && (least === undefined || effect < least.effect)) least = { index, effect, becomes: counts.holds >= smallest };
  }
  return least;
}

/** No branch is left out, so that leaves are counted alike. */
function holds(condition: Condition, leafAt: (index: number) => boolean, place: { next: number }): boolean {
  const of = (children: readonly Condition[]): boolean[] => children.map((child) => holds(child, leafAt, place));
  if ('all' in condition) return !of(condition.all).includes(false);
  if ('any' in condition) return of(condition.any).includes(true);
  if ('not' in condition) return !holds(condition.not, leafAt, place);
  return leafAt(place.next++);
}

function mapLeaves(condition: Condition, change: (leaf: Leaf) => Condition): Condition {
  if ('all' in condition) return { all: condition.all.map((child) => mapLeaves(child, change)) };
  if ('any' in condition) return { any: condition.any.map((child) => mapLeaves(child, change)) };
  if ('not' in condition) return { not: mapLeaves(condition.not, change) };
  return change(condition);
}
