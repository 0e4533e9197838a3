/** Of a random UUID (RFC 9562, version 4): these bits are all random. */
const RANDOM_HEAD = /^[0-9a-f]{8}-[0-9a-f]{4}-4/;
const HEAD_VALUES = 16 ** 12;

/**
 * Reckons how many random ids there are from how close neighbours lie, without counting them. A run is told by where it was asked for and what it found.
 *
 * @example density.addRun({ from: randomUUID(), ids, isLast: ids.length < limit }); density.size();
 */
export class IdDensity {
  private found = 0;
  private span = 0;
  private areRandom = true;

  /** The ids of one run in their order, all that follow `from`. `isLast`: there are none behind them. */
  addRun({ from, ids, isLast }: { from: string; ids: readonly string[]; isLast: boolean }): void {
    const places = [from, ...ids].map(placeOf);
    const [start, end] = [places[0], isLast ? 1 : places.at(-1)];
    if (start === undefined || end === undefined || places.includes(undefined)) this.areRandom = false;
    else this.span += end - start;
    this.found += ids.length;
  }

  /** How many there are, and by how much that may be wrong: 95 of 100 samples come as close. Null where ids are not random, or too few were seen. */
  size(): { population: number; margin: number } | null {
    // Arrivals of a Poisson process: so many within so long a span.
    if (!this.areRandom || this.found < 100 || this.span <= 0) return null;
    const population = (this.found - 1) / this.span;
    return { population: Math.round(population), margin: Math.ceil((1.96 * population) / Math.sqrt(this.found)) };
  }
}

/** Where an id lies among all, from 0 to 1. */
function placeOf(id: string): number | undefined {
  return RANDOM_HEAD.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) / HEAD_VALUES : undefined;
}
