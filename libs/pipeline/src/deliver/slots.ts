/** How strongly the last request moves the average. */
const WEIGHT = 0.1;

/** Requests at once, first come first served, and how long they took of late. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];
  /** Begins high: until the destination has shown to be quick, no more is decided than its slots take at once. */
  averageMs = 1_000;
  private isMeasured = false;

  /** Resolves when fewer than `limit` are taken, having taken one. */
  async take(limit: number): Promise<void> {
    if (this.taken >= limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.taken += 1;
  }

  /** Hands the slot to the next in line. */
  give(tookMs: number): void {
    this.averageMs = this.isMeasured ? this.averageMs + WEIGHT * (tookMs - this.averageMs) : tookMs;
    this.isMeasured = true;
    const next = this.waiting.shift();
    if (next === undefined) this.taken -= 1;
    else next();
  }
}
