/** How strongly one more interval moves the average: about the last hundred count. */
const WEIGHT = 0.01;

/** Requests at once, first come first served, and how quickly they go when there are more than slots. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];
  private intervalMs: number | null = null;
  private givenAt: number | null = null;

  /** Requests per second under load; null while they have always found a slot free. */
  get perSecond(): number | null {
    return this.intervalMs === null ? null : 1_000 / Math.max(this.intervalMs, 0.01);
  }

  /** Resolves when fewer than `limit` are taken, having taken one. */
  async take(limit: number): Promise<void> {
    if (this.taken >= limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.taken += 1;
  }

  /** Hands the slot to the next in line. */
  give(now: number): void {
    if (this.givenAt !== null) this.intervalMs = this.intervalMs === null ? now - this.givenAt : this.intervalMs + WEIGHT * (now - this.givenAt - this.intervalMs);
    const next = this.waiting.shift();
    // Only while others wait does the time to the next one tell how quick the destination is.
    this.givenAt = next === undefined ? null : now;
    if (next === undefined) this.taken -= 1;
    else next();
  }
}
