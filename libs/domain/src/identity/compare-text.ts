/**
 * Orders texts by their code units: the same on every machine and in every language, since what it orders decides who is one person.
 *
 * @example ['b', 'a'].sort(compareText) // ['a', 'b']
 */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
