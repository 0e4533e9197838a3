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

/** How many people a test decides on: all else being as it is, it holds of so many and fails of so many, and the condition with it. */
export interface PartEffect {
  /** Of the test among the leaves, and the tests that are passed over already, as what. */
  index: number;
  fixed: readonly (boolean | null)[];
  holds: number;
  fails: number;
}

/** Gives counts their noise. */
export type MeasureParts = (parts: readonly (PartEffect & { counts: 'smaller' | 'holds' })[]) => Promise<number[]>;

/**
 * A condition without its tests that decide on fewer people than make a group, all else being as it is: by such a test somebody could be singled out. The test of the least effect goes first, one at a time, since others may decide
 * on more people without it. Effects are judged with noise: whether a test goes tells of nobody either.
 *
 * @param answers how many people answer alike: a digit for each leaf in order, 1 where it holds, to their number
 * @param least the smallest effect, with its noise, of a test that stays
 * @example await withoutSmallParts({ any: [city, { all: [{ trait: 'email', op: 'eq', value }, sick] }] }, answers, measure, 100) // { any: [city, { all: [{ any: [] }, { any: [] }] }] }
 */
export async function withoutSmallParts(condition: Condition, answers: ReadonlyMap<string, number>, measure: MeasureParts, least: number): Promise<Condition> {
  const fixed: (boolean | null)[] = leavesOf(condition).map(() => null);
  for (;;) {
    const parts = effectsOf(condition, answers, fixed);
    const measured = await measure(parts.map((part) => ({ ...part, counts: 'smaller' })));
    const smallest = measured.indexOf(Math.min(...measured));
    const part = parts[smallest];
    if (part === undefined || (measured[smallest] as number) >= least) break;
    // It becomes what it is for most of whom it decides on, false where these are too few as well.
    const [holds = 0] = await measure([{ ...part, counts: 'holds' }]);
    fixed[part.index] = holds >= least;
  }
  let index = -1;
  return mapLeaves(condition, (leaf) => {
    const value = fixed[(index += 1)] ?? null;
    return value === null ? leaf : value ? { all: [] } : { any: [] };
  });
}

/** Of each test that is not passed over. */
function effectsOf(condition: Condition, answers: ReadonlyMap<string, number>, passedOver: readonly (boolean | null)[]): PartEffect[] {
  const fixed = [...passedOver];
  return fixed.flatMap((value, index) => {
    if (value !== null) return [];
    const effect = { index, fixed, holds: 0, fails: 0 };
    for (const [answer, people] of answers) {
      const holdsIf = (own: boolean): boolean => holds(condition, (at) => (at === index ? own : fixed[at] ?? answer[at] === '1'), { next: 0 });
      if (holdsIf(true) !== holdsIf(false)) effect[answer[index] === '1' ? 'holds' : 'fails'] += people;
    }
    return [effect];
  });
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
