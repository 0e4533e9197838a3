import type { LaneHealth } from '../ports/rows.js';
import { Breaker } from './breaker.js';
import type { SendOutcome } from './send-cleared.js';

/** A destination that has brought nothing but failures for so long, and so many of them, is disabled. */
export const FAILING_MS = 5 * 24 * 60 * 60_000;
const MIN_FAILURES = 10;

/** Why a connection is disabled. */
export type DisableReason = 'gone' | 'failing';

const HEALTHY: LaneHealth = { failingSince: null, failures: 0, pausedUntil: null, breaker: null };

/** What one process knows of a destination: its breaker, the pause that it asked for, and how long it has been failing. */
export class LaneTraffic {
  private breaker = new Breaker();
  private health: LaneHealth = HEALTHY;
  private isGone = false;
  /** Where the look for rows that newer state replaces goes on: a due time. */
  replacedUpTo = 0;
  /** Where the look for rows made while nothing may be sent goes on: a time of making. */
  freshUpTo = 0;

  /** Takes over what is stored with the lane: its last holder knew better. */
  adopt(stored: LaneHealth | undefined): void {
    this.health = stored ?? HEALTHY;
    this.breaker = new Breaker(this.health.breaker);
    this.isGone = false;
  }

  /** What is to be stored with the lane. */
  get stored(): LaneHealth {
    return { ...this.health, breaker: this.breaker.stored };
  }

  /** How many requests may begin now: all, one on trial, or none. */
  admits(now: number): number {
    return this.isGone || now < (this.health.pausedUntil ?? 0) ? 0 : this.breaker.admits(now);
  }

  /** Begins a request, if it may. Each one that began must be noted. */
  begin(now: number): boolean {
    return this.admits(now) > 0 && this.breaker.begin(now);
  }

  /** The destination asks everybody to wait. */
  pause(until: number): void {
    if (until > (this.health.pausedUntil ?? 0)) this.health = { ...this.health, pausedUntil: until };
  }

  /** What became of the rows of one request. */
  note(outcomes: readonly (SendOutcome | { outcome: 'not-sent' })[], now: number): void {
    this.noteBreaker(outcomes, now);
    for (const result of outcomes) {
      if (isUndecided(result)) continue;
      if (result.outcome === 'delivered') {
        if (this.health.failingSince !== null) this.health = { ...this.health, failingSince: null, failures: 0 };
        continue;
      }
      this.health = { ...this.health, failingSince: this.health.failingSince ?? now, failures: this.health.failures + 1 };
      if (result.reason === 'destination-gone') this.isGone = true;
    }
    if (this.health.pausedUntil !== null && this.health.pausedUntil <= now) this.health = { ...this.health, pausedUntil: null };
  }

  /** Whether the connection is to be disabled. */
  verdict(now: number): DisableReason | null {
    if (this.isGone) return 'gone';
    const { failingSince, failures } = this.health;
    return failingSince !== null && failures >= MIN_FAILURES && now - failingSince >= FAILING_MS ? 'failing' : null;
  }

  /** A destination that refuses a payload works, and of one that says how long to wait nothing more is known; what asks to wait and says not how long fails: nothing else would hold the others back. */
  private noteBreaker(outcomes: readonly (SendOutcome | { outcome: 'not-sent' })[], now: number): void {
    const isPaused = now < (this.health.pausedUntil ?? 0);
    const verdicts = outcomes.map((result) => verdictOf(result, isPaused));
    if (verdicts.includes('works')) this.breaker.note(false, now);
    else if (verdicts.includes('fails')) this.breaker.note(true, now);
    else this.breaker.letGo();
  }
}

/** Whether it was we who sent no more of it. */
function isUndecided(result: SendOutcome | { outcome: 'not-sent' }): result is { outcome: 'not-sent' } {
  return result.outcome === 'not-sent' || (result.outcome === 'retry' && (result.reason === 'decision-outdated' || result.reason === 'decision-unavailable'));
}

function verdictOf(result: SendOutcome | { outcome: 'not-sent' }, isPaused: boolean): 'works' | 'fails' | 'unknown' {
  if (result.outcome === 'delivered') return 'works';
  if (isUndecided(result)) return 'unknown';
  if (result.outcome === 'retry' && result.reason === 'rate-limited') return isPaused || (result.retryAfterMs ?? 0) > 0 ? 'unknown' : 'fails';
  return result.reason === 'invalid-payload' ? 'works' : 'fails';
}

/** Whether two states are the same: then there is nothing to write. */
export function isSameHealth(a: LaneHealth | undefined, b: LaneHealth): boolean {
  return JSON.stringify(a ?? HEALTHY) === JSON.stringify(b);
}
