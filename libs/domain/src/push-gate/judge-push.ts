import type { PushLimits } from './push-limits.js';

/** What a segment is like at a moment. */
export interface PushFigures {
  /** Epoch ms. */
  at: number;
  /** Members. */
  size: number;
  /** How many of them have no value in a field that is sent. */
  missing: readonly { path: string; count: number }[];
  /** When the newest event of any of them happened, epoch ms; null where there is none. */
  newestAt: number | null;
}

/** Figures that others are held against: those of the last push that passed, or those that a person has approved. */
export interface PushReference extends PushFigures {
  isApproved: boolean;
}

/** What the figures of a push are held against. */
export interface PushBaseline {
  /** The most members that there were within the hours, or that the recipient has; null where nothing is known. */
  peak: number | null;
  /** How many there were when the hours began; null where nothing is known. */
  start: number | null;
  reference: PushReference | null;
}

/** A limit that is broken. Of sizes `before` and `now` are members, of `missing` percents, of `stale` hours, and null where there is no event. */
export interface PushBreach {
  kind: 'shrunk' | 'grown' | 'missing' | 'stale' | 'not-computed';
  /** Of `missing`: the field. */
  path: string | null;
  before: number | null;
  now: number | null;
  limit: number | null;
}

const HOUR_MS = 3_600_000;

/** What is said of figures that could not be had: nothing goes on what nobody knows. */
export const NOT_COMPUTED: PushBreach = { kind: 'not-computed', path: null, before: null, now: null, limit: null };

/**
 * Which limits the figures of a segment break. None: its push may go.
 *
 * @example judgePush(figures, { peak: 1_000, start: 1_000, reference: null }, limits, now) // [{ kind: 'shrunk', before: 1_000, now: 12, … }]
 */
export function judgePush(figures: PushFigures, { peak, start, reference }: PushBaseline, limits: PushLimits, now: number): PushBreach[] {
  const breaches: PushBreach[] = [];
  const shrunk = sizeLimit(peak, limits.shrinkPercent, limits.shrinkPeople, limits.minPeople);
  if (peak !== null && peak - figures.size > shrunk) breaches.push({ kind: 'shrunk', path: null, before: peak, now: figures.size, limit: shrunk });
  const grown = sizeLimit(start, limits.growPercent, limits.growPeople, limits.minPeople);
  if (start !== null && figures.size - start > grown) breaches.push({ kind: 'grown', path: null, before: start, now: figures.size, limit: grown });
  breaches.push(...missingBreaches(figures, reference, limits));
  breaches.push(...staleBreaches(figures, reference, limits, now));
  return breaches;
}

/**
 * How many more people may go in or out before the segment is looked at again: a twentieth of it, or what is too few to matter, and never more than what its limits leave.
 *
 * @example pushAllowance(figures, baseline, limits) // 49
 */
export function pushAllowance({ size }: PushFigures, { peak, start }: PushBaseline, limits: PushLimits): number {
  const step = Math.max(limits.minPeople - 1, Math.floor(size / 20));
  const shrinkable = peak === null ? Infinity : sizeLimit(peak, limits.shrinkPercent, limits.shrinkPeople, limits.minPeople) - Math.max(0, peak - size);
  const growable = start === null ? Infinity : sizeLimit(start, limits.growPercent, limits.growPeople, limits.minPeople) - Math.max(0, size - start);
  return Math.max(0, Math.min(step, shrinkable, growable));
}

/** How many may go in or out before the segment was ever looked at. */
export function firstAllowance({ minPeople, shrinkPeople, growPeople }: PushLimits): number {
  return Math.min(minPeople - 1, shrinkPeople ?? Infinity, growPeople ?? Infinity);
}

/** Members by which a size may differ from another one. */
function sizeLimit(from: number | null, percent: number | null, people: number | null, minPeople: number): number {
  const relative = percent === null || from === null ? Infinity : Math.max(Math.floor((from * percent) / 100), minPeople - 1);
  return Math.min(relative, people ?? Infinity);
}

/** Of members without any event nobody knows how fresh they are: that is no better than old. */
function staleBreaches({ size, newestAt }: PushFigures, reference: PushReference | null, { staleHours }: PushLimits, now: number): PushBreach[] {
  if (staleHours === null || size === 0 || (reference?.isApproved === true && reference.newestAt === newestAt)) return [];
  if (newestAt !== null && now - newestAt <= staleHours * HOUR_MS) return [];
  return [{ kind: 'stale', path: null, before: null, now: newestAt === null ? null : Math.floor((now - newestAt) / HOUR_MS), limit: staleHours }];
}

/** Of the last push that passed it is known which share of members lacked what; without one there is nothing to compare with. */
function missingBreaches({ size, missing }: PushFigures, reference: PushReference | null, { missingPoints, minPeople }: PushLimits): PushBreach[] {
  if (missingPoints === null || reference === null || reference.size === 0 || size === 0) return [];
  return missing.flatMap(({ path, count }): PushBreach[] => {
    const known = reference.missing.find((one) => one.path === path);
    if (known === undefined) return [];
    const before = (100 * known.count) / reference.size;
    const percent = (100 * count) / size;
    if (percent - before <= missingPoints || count - (size * before) / 100 < minPeople) return [];
    return [{ kind: 'missing', path, before: rounded(before), now: rounded(percent), limit: missingPoints }];
  });
}

function rounded(percent: number): number {
  return Math.round(percent * 10) / 10;
}
