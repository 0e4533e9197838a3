import type { Condition } from '@firsthand/domain';
import { leavesOf, withoutSmallParts, type MeasureParts } from './small-parts.js';

const leaf = (trait: string): Condition => ({ trait, op: 'exists' });
const [CITY, PAD, THEM, SECRET] = ['city', 'pad', 'them', 'secret'].map(leaf) as [Condition, Condition, Condition, Condition];

interface Person { city: boolean; pad: boolean; them: boolean; secret: boolean }

/** 100 of the city, 49 others whom a test of the attacker's brings in, 300 more, half of whom share what is secret, and one whom they are after. */
function people(isSecretTrue: boolean): Person[] {
  const one = (city: boolean, pad: boolean, secret: boolean, them = false): Person => ({ city, pad, secret, them });
  return [...Array.from({ length: 100 }, (_, n) => one(true, false, n % 2 === 0)), ...Array.from({ length: 49 }, (_, n) => one(false, true, n % 2 === 0)), ...Array.from({ length: 300 }, (_, n) => one(false, false, n % 2 === 0)), one(false, false, isSecretTrue, true)];
}

const holds = (condition: Condition, person: Person): boolean => {
  if ('all' in condition) return condition.all.every((child) => holds(child, person));
  if ('any' in condition) return condition.any.some((child) => holds(child, person));
  if ('not' in condition) return !holds(condition.not, person);
  return 'trait' in condition && person[condition.trait as keyof Person];
};
const answersOf = (all: readonly Person[], condition: Condition): Map<string, number> => {
  const answers = new Map<string, number>();
  for (const person of all) {
    const answer = leavesOf(condition).map((one) => (holds(one, person) ? '1' : '0')).join('');
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  return answers;
};
const told = (all: readonly Person[], condition: Condition): number => Math.floor(all.filter((person) => holds(condition, person)).length / 50) * 50;
/** Without noise, and as if it were at its least and most. */
const measureWith = (noise: number): MeasureParts => (parts) => Promise.resolve(parts.map(({ holds, fails, counts }) => (counts === 'holds' ? holds : Math.min(holds, fails)) + noise));
const kept = (all: readonly Person[], condition: Condition, noise = 0): Promise<Condition> => withoutSmallParts(condition, answersOf(all, condition), measureWith(noise), 50);

/** All count to just below the next step, but for the one. */
const ATTACKS: [string, Condition][] = [
  ['one more beside a group', { any: [CITY, PAD, { all: [THEM, SECRET] }] }],
  ['the same said twice', { any: [CITY, PAD, { all: [THEM, SECRET] }, { all: [SECRET, THEM] }] }],
  ['all but one', { any: [CITY, PAD, { not: { any: [{ not: THEM }, { not: SECRET }] } }] }],
  ['one of a group that a test pads', { any: [CITY, { all: [SECRET, { any: [THEM, PAD] }] }, { all: [PAD, { not: SECRET }] }] }],
];

it.each(ATTACKS)('numbers that are rounded tell of %s whether it holds, and without small parts they do not', async (_, attack) => {
  expect([true, false].map((isTrue) => told(people(isTrue), attack))).toEqual([150, 100]);
  const [yes, no] = [await kept(people(true), attack), await kept(people(false), attack)];
  expect(yes).toEqual(no);
  expect([told(people(true), yes), told(people(false), no)]).toEqual([100, 100]);
});

it('what decides on groups stays as it is', async () => {
  const condition: Condition = { any: [{ all: [CITY, SECRET] }, { all: [{ not: CITY }, { not: SECRET }] }] };
  expect(await kept(people(true), condition)).toEqual(condition);
  expect(await kept(people(true), { all: [CITY, { not: THEM }] })).toEqual({ all: [CITY, { not: { any: [] } }] });
  expect(await kept(people(true), { not: { all: [{ not: THEM }] } })).toEqual({ not: { all: [{ not: { any: [] } }] } });
  // For all but one it holds.
  expect(await withoutSmallParts({ all: [CITY, THEM] }, new Map([['11', 500], ['10', 1], ['01', 80]]), measureWith(0), 50)).toEqual({ all: [CITY, { all: [] }] });
});

it('whether a part goes is judged by its effect with noise', async () => {
  const condition: Condition = { any: [CITY, PAD] };
  expect([await kept(people(true), condition, 0), await kept(people(true), condition, 1)]).toEqual([{ any: [CITY, { any: [] }] }, condition]);
});

it('a condition of more parts than can be tried is told as such', () => {
  expect(() => leavesOf({ any: Array.from({ length: 17 }, () => CITY) })).toThrow(expect.objectContaining({ code: 'INVALID_SEGMENT' }) as Error);
});
