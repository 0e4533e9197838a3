const DAY_MS = 86_400_000;

/** Since TCF 2.2 the time of a string is that of a day: the person decided at some moment of it, at the latest at its end. Epoch ms. */
export function lastMomentOf(time: Date): number {
  const at = time.getTime();
  return at % DAY_MS === 0 ? at + DAY_MS - 1 : at;
}

/** The first moment at which the person can have decided what {@link lastMomentOf} gave the last one of. */
export function firstMomentOf(lastMoment: number): number {
  return lastMoment % DAY_MS === DAY_MS - 1 ? lastMoment - DAY_MS + 1 : lastMoment;
}
