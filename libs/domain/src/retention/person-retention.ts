import { EVERY_PURPOSE, type ConsentState, type Purpose } from '../consent/consent.js';
import { standingAt } from '../consent/consent-places.js';
import { isRefusal } from '../consent/consent-terms.js';
import { childUntil, isChild, lawfulBasisFor, type DataSubject } from '../consent/data-subject.js';
import { endOfDays, keptSince } from './kept-days.js';
import { REFUSED_DAYS, type RetentionRules } from './retention-rules.js';

/** Until when data of one person may be kept. */
export interface PersonRetention {
  readonly rules: RetentionRules;
  /** When what was collected at a time ends, epoch ms; Infinity never. `at` is when it happened: never later than it came in, so nothing is kept for longer than was said. */
  until(path: string, at: number): number;
  /** What was collected before this time has ended by now; -Infinity for nothing, Infinity for all. */
  keptSince(path: string, now: number): number;
  /** Whether nothing of the person ends, whatever its age. */
  readonly isUnlimited: boolean;
}

/** By what it is known that somebody is a child: kept for as long as they are, or the law would be broken by forgetting (PIPL art. 31; GDPR art. 8, 6(1)(c)). */
const AGE_FIELDS: ReadonlySet<string> = new Set(['profile.birthday', 'profile.age']);

/**
 * For how long data of a person is kept, by path:
 * - the longest that any purpose says which covers it;
 * - a purpose that the person has refused (and that stands on consent or on an interest of the brand) keeps it for {@link REFUSED_DAYS} more at most, counted from the refusal or, of what came after it, from that;
 * - what no purpose covers, for the least that any purpose says;
 * - a field or an event of the workspace's own for no longer than the workspace has set for it (an event's days: see `forgetRecord`);
 * - nothing ends while the person has restricted the use of their data: it is theirs to have kept (GDPR art. 18(1)(b) and (c)).
 *
 * @example personRetention(rules, consents, dataSubjectOf(profile)).until('profile.email', field.at) <= now
 */
export function personRetention(rules: RetentionRules, consents: ConsentState, subject: DataSubject): PersonRetention {
  const refusals = refusalsOf(rules, consents, subject);
  const isRestricted = (standingAt(consents, [EVERY_PURPOSE, 'own'])?.decision ?? 'granted') !== 'granted';
  if (isRestricted || (rules.isUnlimited && refusals.size === 0)) return { rules, isUnlimited: true, until: () => Infinity, keptSince: () => -Infinity };
  // An age that was told once does not say until when.
  const childhoodEnds = childUntil(subject) ?? (isChild(subject, 0) ? Infinity : -Infinity);
  const isKeptAnyway = (path: string, now: number): boolean => AGE_FIELDS.has(path) && now < childhoodEnds;
  return {
    rules, isUnlimited: false,
    until(path, at) {
      const keeping = rules.keeping(path);
      const longest = keeping.length === 0 ? endOfDays(at, rules.narrowestDays) : Math.max(...keeping.map((purpose) => endFor(purpose, refusals.get(purpose), at)));
      const end = Math.min(longest, endOfDays(at, rules.ownDays(path)));
      return AGE_FIELDS.has(path) ? Math.max(end, childhoodEnds) : end;
    },
    keptSince(path, now) {
      if (isKeptAnyway(path, now)) return -Infinity;
      const keeping = rules.keeping(path);
      const longest = keeping.length === 0 ? keptSince(now, rules.narrowestDays) : Math.min(...keeping.map((purpose) => sinceFor(purpose, refusals.get(purpose), now)));
      return Math.max(longest, keptSince(now, rules.ownDays(path)));
    },
  };
}

/** Purpose → when it was refused. Other bases do not rest on what the person wants (GDPR art. 6(1)(b) to (e), 17(3)(b)). */
function refusalsOf({ purposes }: RetentionRules, consents: ConsentState, subject: DataSubject): Map<Purpose, number> {
  const refusals = new Map<Purpose, number>();
  for (const purpose of purposes) {
    const standing = standingAt(consents, [purpose.key, 'own']);
    if (standing === null || !isRefusal(standing.decision)) continue;
    const basis = lawfulBasisFor(purpose, subject);
    if (basis === 'consent' || basis === 'legitimate') refusals.set(purpose, standing.effectiveAt);
  }
  return refusals;
}

function endFor({ retentionDays }: Purpose, refusedAt: number | undefined, at: number): number {
  const end = endOfDays(at, retentionDays);
  return refusedAt === undefined ? end : Math.min(end, endOfDays(Math.max(at, refusedAt), REFUSED_DAYS));
}

function sinceFor({ retentionDays }: Purpose, refusedAt: number | undefined, now: number): number {
  const since = keptSince(now, retentionDays);
  if (refusedAt === undefined) return since;
  const afterRefusal = keptSince(now, REFUSED_DAYS);
  return refusedAt >= afterRefusal ? since : Math.max(since, afterRefusal);
}
