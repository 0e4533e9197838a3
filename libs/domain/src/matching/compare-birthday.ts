import type { MatchLevel } from './match-fields.js';
import { editDistance } from './text-distance.js';

/**
 * How alike two dates of birth are.
 *
 * @param one `YYYY-MM-DD`
 * @example compareBirthdays('1990-05-07', '1990-07-05') // 'near'
 */
export function compareBirthdays(one: string, other: string): MatchLevel<'birthday'> {
  if (one === other) return 'same';
  const [year, month, day] = one.split('-');
  if (`${year}-${day}-${month}` === other) return 'near';
  if (isOneSlip(one.replaceAll('-', ''), other.replaceAll('-', ''))) return 'near';
  return other.startsWith(`${year}-`) ? 'sameYear' : 'other';
}

/** One digit other, or two neighbours swapped: a date has eight digits, so that nothing is left out. */
function isOneSlip(one: string, other: string): boolean {
  return one.length === other.length && editDistance(one, other, 1) === 1;
}
