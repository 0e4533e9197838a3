/** Null of none. */
export function mean(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/**
 * The middle one; of an even number the mean of the two in the middle, 0 of none. One odd week moves it little, where it would move the mean.
 *
 * @example median([1, 2, 100]) // 2
 */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/**
 * The share of values that would have to be of another type for two distributions to be one (total variation distance), 0 to 1.
 *
 * @example typeDistance({ number: 90, text: 10 }, { number: 100 }) // 0.1
 */
export function typeDistance(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): number {
  const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const [ofOne, ofOther] = [total(one), total(other)];
  if (ofOne === 0 || ofOther === 0) return 0;
  const types = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...types].reduce((sum, type) => sum + Math.abs((one[type] ?? 0) / ofOne - (other[type] ?? 0) / ofOther), 0) / 2;
}
