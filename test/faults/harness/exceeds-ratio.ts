/**
 * How many of some pairs have to lie above a bound to prove that their median does: the fewest for which the chance of as many is at most `alpha` while the median is at the bound or below. Then each
 * pair lies above it with a chance of a half at most, whatever the distribution (sign test: J. D. Gibbons, "Nonparametric Statistical Inference", ch. 5).
 *
 * @throws RangeError where even all of them would prove nothing
 * @example provingPairs(9, 0.02) // 8
 */
export function provingPairs(pairs: number, alpha: number): number {
  let chance = 0;
  let ways = 1;
  for (let above = pairs; above >= 0; above -= 1) {
    chance += ways / 2 ** pairs;
    if (chance > alpha) {
      if (above === pairs) throw new RangeError(`${pairs} pairs prove nothing at ${alpha}.`);
      return above + 1;
    }
    ways = (ways * above) / (pairs - above + 1);
  }
  return 0;
}

/** Whether ratios, each of one pair of measurements, prove that in truth theirs is above a bound. False alarms are at most `alpha`, and far rarer where the true ratio is below the bound. */
export function exceedsRatio(ratios: readonly number[], bound: number, alpha: number): boolean {
  return ratios.filter((ratio) => ratio > bound).length >= provingPairs(ratios.length, alpha);
}
