/** A count of tries: under which key, until when (epoch ms), and how many with this one. */
export interface CountedTry {
  key: string;
  until: number;
  count: number;
}

/** Tries of credentials, counted for all processes together. Keys are keyed hashes: they do not say whose. */
export interface LoginTryStore {
  /**
   * Counts one try more where fewer than `most` are counted, and says whether it did. A window begins with the first one and is open until `until`; where the last one is over, or nothing is counted in it, this try begins one.
   * Of many at once no more than `most` are counted.
   */
  countTry(one: { key: string; most: number; now: number; until: number }): Promise<CountedTry & { isCounted: boolean }>;
  /** Takes `count` tries back; nothing once the window is another. More than there are leave none: the next one begins a window. */
  takeBackTries(one: CountedTry): Promise<void>;
}
