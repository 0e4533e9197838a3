/**
 * How many characters must be added, left out, replaced or swapped with their neighbour to make one text of another (Damerau 1964; each place is edited once, the "optimal string alignment" distance).
 *
 * @param most beyond it nothing is counted: the answer is then `most + 1`
 * @example editDistance('1990', '1909', 2) // 1
 */
export function editDistance(one: string, other: string, most: number): number {
  if (one === other) return 0;
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let [before, above]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      let cost = Math.min((above[column] as number) + 1, (current[column - 1] as number) + 1, (above[column - 1] as number) + (isSame ? 0 : 1));
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) cost = Math.min(cost, (before[column - 2] as number) + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    [before, above] = [above, current];
  }
  return Math.min(above[other.length] as number, most + 1);
}

/**
 * Likeness of two short texts between 0 and 1: how many characters they share near the same place, with more for the same beginning (Jaro 1989; Winkler 1990, prefix of four, weight 0.1).
 *
 * @example jaroWinkler('martha', 'marhta') // 0.961…
 */
export function jaroWinkler(one: string, other: string): number {
  if (one === other) return 1;
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1);
  const taken = new Set<number>();
  const shared: string[] = [];
  for (let at = 0; at < one.length; at += 1) {
    for (let place = Math.max(0, at - reach); place <= Math.min(other.length - 1, at + reach); place += 1) {
      if (taken.has(place) || one[at] !== other[place]) continue;
      taken.add(place);
      shared.push(one[at] as string);
      break;
    }
  }
  if (shared.length === 0) return 0;
  const inOther = [...taken].sort((a, b) => a - b).map((place) => other[place] as string);
  const moved = shared.filter((character, at) => character !== inOther[at]).length / 2;
  const jaro = (shared.length / one.length + shared.length / other.length + (shared.length - moved) / shared.length) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < one.length && one[prefix] === other[prefix]) prefix += 1;
  return jaro + prefix * 0.1 * (1 - jaro);
}
