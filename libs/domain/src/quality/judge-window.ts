import { offsetAt } from '../flow/local-time.js';
import { mean, median, typeDistance } from './figures.js';
import type { Direction, Expectation, ExpectationRule } from './expectation.js';
import { HOUR_MS, hourOf, stepOf, sumBuckets, type QualityBucket } from './quality-bucket.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
type VolumeRule = Extract<ExpectationRule, { kind: 'volume' }>;

/** A single week is no custom. */
const FEWEST_WEEKS = 2;
/** What arrived at the end of five minutes may be applied a little later. */
const GRACE_MS = MINUTE_MS;

/** What is known of one expectation at one source. Times are epoch ms. */
export interface WindowFacts {
  now: number;
  /** Five-minute counts, of at least the hours that {@link hoursOfWindow} names. */
  buckets: readonly QualityBucket[];
  /** Since when it has been counted. */
  countedSince: number;
  /** When the last event arrived; null where none has since. */
  lastAt: number | null;
}

/** How an expectation stands. `unknown`: there is too little to say. */
export interface WindowVerdict {
  status: 'passing' | 'failing' | 'unknown';
  /** 1 is all as expected, 0 the opposite; null where it is unknown. */
  score: number | null;
  checked: number;
  failed: number;
  /** What was found: a share, a number of minutes, or of events. */
  observed: number | null;
  /** What was expected, in the same unit. */
  expected: number | null;
}

/** The hours, by their start, whose counts a verdict reads. */
export function hoursOfWindow({ rule, windowMinutes }: Expectation, now: number): number[] {
  const to = windowEnd(now);
  if (rule.kind === 'freshness') return [];
  if (rule.kind === 'volume') return [...new Set([lastHour(to), ...pastHours(rule, lastHour(to))].flatMap((at) => [hourOf(at), hourOf(at + HOUR_MS - 1)]))];
  const from = to - windowMinutes * MINUTE_MS - ('baselineDays' in rule ? rule.baselineDays * DAY_MS : 0);
  return Array.from({ length: (hourOf(to) - hourOf(from)) / HOUR_MS + 1 }, (_, index) => hourOf(from) + index * HOUR_MS);
}

/**
 * Judges a window: the last `windowMinutes` for rates, the last full hour for volume, this moment for freshness.
 *
 * @example judgeWindow(expectation, { now, buckets, countedSince, lastAt }).status
 */
export function judgeWindow(expectation: Expectation, facts: WindowFacts): WindowVerdict {
  const { rule } = expectation;
  switch (rule.kind) {
    case 'freshness': return judgeFreshness(rule.withinMinutes, facts);
    case 'volume': return judgeVolume(rule, expectation.minimumEvents, facts);
    case 'nullRate': case 'typeDrift': return judgeShift(rule, expectation, facts);
    default: return judgeRate(rule.mostFailing, expectation, facts);
  }
}

function judgeRate(mostFailing: number, { windowMinutes, minimumEvents }: Expectation, { now, buckets }: WindowFacts): WindowVerdict {
  const to = windowEnd(now);
  const { checked, failed } = sumBuckets(buckets, to - windowMinutes * MINUTE_MS, to);
  if (checked < minimumEvents) return unknown(checked, failed);
  const rate = failed / checked;
  return { status: exceeds(rate, mostFailing) ? 'failing' : 'passing', score: 1 - rate, checked, failed, observed: rate, expected: mostFailing };
}

function judgeFreshness(withinMinutes: number, { now, lastAt, countedSince }: WindowFacts): WindowVerdict {
  const silentMinutes = Math.max(0, now - Math.max(lastAt ?? 0, countedSince)) / MINUTE_MS;
  const isSilent = silentMinutes >= withinMinutes;
  return { status: isSilent ? 'failing' : 'passing', score: isSilent ? 0 : 1, checked: 0, failed: 0, observed: Math.floor(silentMinutes), expected: withinMinutes };
}

function judgeVolume(rule: VolumeRule, minimumEvents: number, { now, buckets, countedSince }: WindowFacts): WindowVerdict {
  const hour = lastHour(windowEnd(now));
  const countAt = (at: number): number => sumBuckets(buckets, at, at + HOUR_MS).checked;
  const { weeks, direction, mostChange } = rule;
  const past = pastHours(rule, hour).filter((at) => at >= countedSince);
  const checked = countAt(hour);
  const expected = past.length < Math.min(FEWEST_WEEKS, weeks) ? 0 : median(past.map(countAt));
  if (expected < minimumEvents) return unknown(checked, 0);
  const change = inDirection((checked - expected) / expected, direction);
  return { status: exceeds(change, mostChange) ? 'failing' : 'passing', score: Math.max(0, 1 - change), checked, failed: 0, observed: checked, expected };
}

/** The start of the last full hour. */
function lastHour(to: number): number {
  return hourOf(to) - HOUR_MS;
}

/** When clocks showed the same hour in past weeks. */
function pastHours({ weeks, timeZone = 'UTC' }: VolumeRule, hour: number): number[] {
  return Array.from({ length: weeks }, (_, index) => hour - (index + 1) * WEEK_MS).map((at) => at + offsetAt(hour, timeZone) - offsetAt(at, timeZone));
}

/** Compares a window with the days before it. */
function judgeShift(rule: Extract<ExpectationRule, { kind: 'nullRate' | 'typeDrift' }>, { windowMinutes, minimumEvents }: Expectation, { now, buckets }: WindowFacts): WindowVerdict {
  const to = windowEnd(now);
  const from = to - windowMinutes * MINUTE_MS;
  const [window, before] = [sumBuckets(buckets, from, to), sumBuckets(buckets, from - rule.baselineDays * DAY_MS, from)];
  const { checked, failed } = window;
  if (checked < minimumEvents || before.checked < minimumEvents) return unknown(checked, failed);
  if (rule.kind === 'typeDrift') {
    const distance = typeDistance(window.types ?? {}, before.types ?? {});
    return { status: exceeds(distance, rule.mostChange) ? 'failing' : 'passing', score: 1 - distance, checked, failed: Math.round(distance * checked), observed: distance, expected: rule.mostChange };
  }
  const [rate, usual] = [failed / checked, before.failed / before.checked];
  const change = inDirection(rate - usual, rule.direction);
  return { status: exceeds(change, rule.mostChange) ? 'failing' : 'passing', score: 1 - change, checked, failed, observed: rate, expected: usual };
}

/** How far it has moved into a direction that it may not, at least 0. */
function inDirection(change: number, direction: Direction): number {
  return Math.max(0, direction === 'up' ? change : direction === 'down' ? -change : Math.abs(change));
}

/** Shares are sums and quotients: what differs by a rounding is the same. */
function exceeds(found: number, most: number): boolean {
  return found - most > 1e-9;
}

function windowEnd(now: number): number {
  return stepOf(now - GRACE_MS);
}

function unknown(checked: number, failed: number): WindowVerdict {
  return { status: 'unknown', score: null, checked, failed, observed: null, expected: null };
}

/** The score of several expectations together: their mean; null where none has one. */
export function scoreOf(scores: readonly (number | null)[]): number | null {
  return mean(scores.filter((score) => score !== null));
}
