/** Of one step of a sequence the latest so many times are kept: a bound that is the same in whatever order they come. */
export const MAX_KEPT_TIMES = 50;

/**
 * The latest {@link MAX_KEPT_TIMES} different times of both, rising. Neither is changed.
 *
 * @example addTimes([1, 5], [3]) // [1, 3, 5]
 */
export function addTimes(known: readonly number[] = [], more: readonly number[]): number[] {
  return [...new Set([...known, ...more])].sort((a, b) => a - b).slice(-MAX_KEPT_TIMES);
}
