import type { RetentionRules } from './retention-rules.js';

/** How long a path is kept, and whose purposes say so. */
export interface KeptFor {
  /** Days after the one on which it happened; null without an end. */
  days: number | null;
  /** The purposes that keep it for the longest; empty where none covers it. */
  by: readonly string[];
}

/**
 * For how long a path is kept of somebody who has refused and restricted nothing: what `personRetention` comes to for them, in days. All of an event ends with whatever is kept of it the longest, so its parts need no
 * look at the whole.
 *
 * @example keptFor(compileRetention(purposes, dictionary), 'profile.email') // { days: 730, by: ['newsletter'] }
 */
export function keptFor(rules: RetentionRules, path: string): KeptFor {
  const keeping = rules.keeping(path);
  const longest = keeping.length === 0 ? (rules.narrowestDays ?? Infinity) : Math.max(...keeping.map(({ retentionDays }) => retentionDays ?? Infinity));
  const days = Math.min(longest, rules.ownDays(path) ?? Infinity, rules.ownDays(path.replace(/^event\./, '')) ?? Infinity);
  return { days: days === Infinity ? null : days, by: keeping.filter(({ retentionDays }) => (retentionDays ?? Infinity) === longest).map(({ key }) => key) };
}
