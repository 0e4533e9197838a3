import type { MatchLevel } from './match-fields.js';
import type { MatchName } from './parse-name.js';
import { editDistance, jaroWinkler } from './text-distance.js';

/** Short names differ by one letter and are others: Li, Lu. */
const SHORTEST_NEAR = 4;
const SHORTEST_ALIKE = 6;
/** Winkler's usual bound for names. */
const ALIKE = 0.92;

/**
 * How alike two names are. Chinese ones that differ in characters are near by their sound only: brothers and sisters often share one character of two (王小明, 王小红), while a slip of typing picks
 * another character of the same or nearly the same sound.
 *
 * @returns null where one has only a part of the name and the other agrees in it
 * @example compareNames(parseName({ name: '王小明' }), parseName({ name: 'Wang Xiaoming' })) // 'sameSound'
 */
export function compareNames(one: MatchName, other: MatchName): MatchLevel<'name'> | null {
  const isSameSpelling = one.family === other.family && one.given === other.given;
  if (isSameSpelling && one.family !== '' && one.given !== '') return 'same';
  const [a, b] = [soundsOf(one), soundsOf(other)];
  if (isPartOf(a, b) || isPartOf(b, a)) return null;
  if (a.family + a.given === b.family + b.given || a.given + a.family === b.family + b.given) return 'sameSound';
  if (isNear(a, b) || isNear(a, swapped(b)) || isNear(swapped(a), b)) return 'near';
  if (a.given !== '' && a.given === b.given) return 'sameGiven';
  return a.family !== '' && a.family === b.family ? 'sameFamily' : 'other';
}

interface Sounds {
  family: string;
  given: string;
}

function soundsOf({ familySound: family, givenSound: given }: MatchName): Sounds {
  return { family, given };
}

/** As where somebody has written the one for the other. */
function swapped({ family, given }: Sounds): Sounds {
  return { family: given, given: family };
}

/** A family name alone, or a given name alone, that agrees says next to nothing. */
function isPartOf(part: Sounds, whole: Sounds): boolean {
  if (part.family !== '' && part.given !== '') return false;
  const only = part.family + part.given;
  return only === whole.family || only === whole.given;
}

function isNear(one: Sounds, other: Sounds): boolean {
  if (one.family === other.family) return isAlike(one.given, other.given) || isInitialOf(one.given, other.given) || isInitialOf(other.given, one.given);
  return one.given !== '' && one.given === other.given && isAlike(one.family, other.family);
}

function isAlike(one: string, other: string): boolean {
  const [shorter, longer] = [Math.min(one.length, other.length), Math.max(one.length, other.length)];
  if (longer < SHORTEST_NEAR || shorter === 0) return false;
  return editDistance(one, other, 1) <= 1 || (shorter >= SHORTEST_ALIKE && jaroWinkler(one, other) >= ALIKE && editDistance(one, other, 2) <= 2);
}

function isInitialOf(initial: string, name: string): boolean {
  return initial.length === 1 && name.length > 1 && name.startsWith(initial);
}
