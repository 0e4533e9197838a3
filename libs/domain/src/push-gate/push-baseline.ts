import type { PushBaseline, PushReference } from './judge-push.js';
import type { PushLimits } from './push-limits.js';

const HOUR_MS = 3_600_000;

/** What is known of a segment's past. */
export interface PushPast {
  /** Its sizes as they were noted, the oldest first; one of before the hours, where there is one. */
  sizes: readonly { at: number; size: number }[];
  /** How many the recipient has over the segment; null where it keeps no members. */
  confirmed: number | null;
  reference: PushReference | null;
}

/** When the hours of a segment's limits began, epoch ms. */
export function pushWindowStart({ withinHours }: PushLimits, now: number): number {
  return now - withinHours * HOUR_MS;
}

/**
 * What the figures of a push are held against: its past within the hours of its limits, and what the recipient has. What a person has approved stands in the place of both, for as many hours.
 *
 * @example judgePush(figures, pushBaseline({ sizes, confirmed: 1_000, reference: null }, limits, now), limits, now)
 */
export function pushBaseline({ sizes, confirmed, reference }: PushPast, limits: PushLimits, now: number): PushBaseline {
  const since = pushWindowStart(limits, now);
  const known = reference !== null && reference.at >= since ? reference : null;
  if (known?.isApproved === true) {
    const later = sizes.filter(({ at }) => at > known.at).map(({ size }) => size);
    return { peak: Math.max(known.size, ...later), start: known.size, reference: known };
  }
  const all = [...sizes.map(({ size }) => size), ...(known === null ? [] : [known.size]), ...(confirmed === null || confirmed === 0 ? [] : [confirmed])];
  const before = sizes.filter(({ at }) => at <= since).at(-1);
  return { peak: all.length === 0 ? null : Math.max(...all), start: before?.size ?? null, reference: reference === null ? null : { ...reference, isApproved: false } };
}
