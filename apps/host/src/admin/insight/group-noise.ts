/** The noise is bounded by this many of its standard deviations; what lies beyond is 0.006 % of the normal curve. */
const BOUND = 4;

/** Values of a draw: 0 up to this. */
export const DRAWS = 2 ** 48;

/**
 * The noise of a number of people: the discrete Gaussian (Canonne, Kamath and Steinke, “The Discrete Gaussian for Differential Privacy”, NeurIPS 2020, arXiv:2004.00010) of a quarter of the
 * smallest group, cut off at the smallest group. One person moves a count by 1, by 4 / `smallest` of the deviation: A numbers, each with noise of its own, let nobody
 * tell whether somebody is counted better than by the distance 4 · √A / `smallest` between two normal curves (Dong, Roth and Su, “Gaussian Differential Privacy”, arXiv:1905.02383).
 *
 * The cell key method of the Australian and British censuses, where equal sets have equal noise, was judged and not taken: whoever shapes two groups that differ by one person at most learns from two different answers,
 * for sure, that they do, and from a few more pairs all of it (Asghar and Kaafar, “Averaging Attacks on Bounded Noise-based Disclosure Control Algorithms”, PETS 2020, arXiv:1902.06414).
 * Here the noise is the question's, and how many questions are answered has a limit (Dinur and Nissim, “Revealing Information while Preserving Privacy”, PODS 2003).
 *
 * @param draw a random integer from 0 to {@link DRAWS} - 1
 * @example noiseOf(50)(randomInt(DRAWS)) // -50 to 50
 */
export function noiseOf(smallest: number): (draw: number) => number {
  const deviation = smallest / BOUND;
  const weights = Array.from({ length: 2 * smallest + 1 }, (_, index) => Math.exp(-((index - smallest) ** 2) / (2 * deviation ** 2)));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  const edges = weights.map((weight) => ((below += weight) / whole) * DRAWS);
  return (draw) => {
    const index = edges.findIndex((edge) => draw < edge);
    // Sums of fractions may end just below 1.
    return (index === -1 ? 2 * smallest : index) - smallest;
  };
}
