/**
 * The answer of a condition and how long it is sure to stay, in one number, so that evaluating allocates nothing:
 * `+t` holds at least until t, `-t` does not hold at least until t (epoch ms, exclusive).
 * With it `all` is the minimum, `any` the maximum, `not` the negation.
 */
export type Until = number;

export const ALWAYS: Until = Infinity;
export const NEVER: Until = -Infinity;
