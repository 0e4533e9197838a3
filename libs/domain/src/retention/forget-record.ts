import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { keptSince } from './kept-days.js';
import { keepParts } from '../consent/collected-fields.js';
import type { PersonRetention } from './person-retention.js';

/** The parts of a record that a field of the workspace's own is named under otherwise than purposes name them. */
const DICTIONARY_PATH = /^event\./;

/**
 * What of a stored record may still be given and kept. Its time is when it happened. A record of which nothing has ended is given back as it is.
 *
 * @returns null when all of it has ended
 * @example forgetRecord(event.record, retention, now)?.properties
 */
export function forgetRecord(record: CanonicalRecord, retention: PersonRetention, now: number): CanonicalRecord | null {
  if (retention.isUnlimited) return record;
  const at = record.occurredAt;
  if (at < retention.keptSince('event', now) || at < keptSince(now, retention.rules.ownEventDays.get(record.name) ?? null)) return null;
  const kept = keepParts(record, (path) => at >= retention.keptSince(path, now) && isOwnKept(path, at, retention, now));
  return kept.removed.length === 0 ? record : kept.record;
}

/** `event.properties.custom.x` for purposes is `properties.custom.x` in the dictionary. */
function isOwnKept(path: string, at: number, { rules }: PersonRetention, now: number): boolean {
  const days = DICTIONARY_PATH.test(path) ? rules.ownDays(path.replace(DICTIONARY_PATH, '')) : null;
  return days === null || at >= keptSince(now, days);
}
