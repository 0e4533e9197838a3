/** How many of the last requests are looked at, and how old the oldest of them may be. */
const MAX_RESULTS = 100;
const WINDOW_MS = 5 * 60_000;
/** So many requests at least, of which this share failed. */
const MIN_REQUESTS = 10;
const FAILED_SHARE = 0.7;
const FIRST_OPEN_MS = 10_000;
/** A request a minute harms nobody who is down, and who is up again is found within a minute. */
const MAX_OPEN_MS = 60_000;

/** An open breaker as it is stored with its lane: until when nothing is sent, and how often it has opened since the last success. */
export interface OpenBreaker {
  /** Epoch ms. */
  openUntil: number;
  openings: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** The state of a stored breaker. */
export function breakerStateOf(open: OpenBreaker | null, now: number): BreakerState {
  return open === null ? 'closed' : now < open.openUntil ? 'open' : 'half-open';
}

/**
 * A circuit breaker of one destination: 70 % failures over at least 10 requests open it, for 10 s and twice as long each time (1 min at most). Then it lets one
 * request through, whose outcome closes or opens it. Source: M. Nygard, "Release It!", "Circuit Breaker".
 *
 * @example const breaker = new Breaker(); if (breaker.begin(now)) breaker.note(!(await send()), now);
 */
export class Breaker {
  private results: { at: number; isFailure: boolean }[] = [];
  private isProbing = false;

  /** @param open as it was stored */
  constructor(private open: OpenBreaker | null = null) {}

  /** What is to be stored; null while it is closed. */
  get stored(): OpenBreaker | null {
    return this.open;
  }

  state(now: number): BreakerState {
    return breakerStateOf(this.open, now);
  }

  /** How many requests may begin now. */
  admits(now: number): number {
    const state = this.state(now);
    return state === 'closed' ? Infinity : state === 'half-open' && !this.isProbing ? 1 : 0;
  }

  /** Begins a request, if it may; each one that began must be noted or let go. */
  begin(now: number): boolean {
    if (this.admits(now) === 0) return false;
    if (this.open !== null) this.isProbing = true;
    return true;
  }

  /** A request came back. */
  note(isFailure: boolean, now: number): void {
    if (this.open !== null) return this.noteProbe(isFailure, now);
    this.results.push({ at: now, isFailure });
    if (this.results.length > MAX_RESULTS || (this.results[0]?.at ?? now) < now - WINDOW_MS) this.results = this.results.slice(-MAX_RESULTS).filter(({ at }) => at >= now - WINDOW_MS);
    const failed = this.results.filter((result) => result.isFailure).length;
    if (this.results.length >= MIN_REQUESTS && failed >= this.results.length * FAILED_SHARE) this.trip(now);
  }

  /** A request ended that tells nothing of the destination. */
  letGo(): void {
    this.isProbing = false;
  }

  private noteProbe(isFailure: boolean, now: number): void {
    // What was under way when it opened came late: it waits for the probe.
    if (!this.isProbing) return;
    this.isProbing = false;
    if (isFailure) return this.trip(now);
    this.open = null;
  }

  private trip(now: number): void {
    const openings = (this.open?.openings ?? 0) + 1;
    this.open = { openUntil: now + Math.min(MAX_OPEN_MS, FIRST_OPEN_MS * 2 ** (openings - 1)), openings };
    this.results = [];
  }
}
