import type { Dictionary } from '../canonical/dictionary.js';
import type { Purpose } from '../consent/consent.js';
import { coversField } from '../consent/field-cover.js';

/** Days for which what a purpose keeps may stay once the person has refused it: the month within which the GDPR wants a person's wish to be acted on (art. 12(3), 17(1)(b)), so that who changes their mind has lost nothing. */
export const REFUSED_DAYS = 30;

/** How long a workspace keeps data of persons. Immutable; made by {@link compileRetention}. */
export interface RetentionRules {
  readonly purposes: readonly Purpose[];
  /** Where anything of an event may lie: the path of all of it, and of each part that a purpose names. */
  readonly eventPaths: readonly string[];
  /** The different numbers of days after which something of an event may end, rising. */
  readonly eventDays: readonly number[];
  /** The purposes that keep a path; empty where none of them names it. */
  keeping(path: string): readonly Purpose[];
  /** The days that the workspace has set for a field of its own; null for none. */
  ownDays(path: string): number | null;
  /** The days after which events of a name of the workspace's own end, whatever else is said of them. */
  readonly ownEventDays: ReadonlyMap<string, number>;
  /** For what no purpose names: the least that any purpose says; null where none says anything. */
  readonly narrowestDays: number | null;
  /** Whether nothing ends for anybody who has refused nothing. */
  readonly isUnlimited: boolean;
}

const EVENT = 'event';

/**
 * Compiles how long data is kept: purposes say it for the fields that they cover, and the workspace for fields and events of its own. What the dictionary proposes for built-in fields binds nobody. GDPR art. 5(1)(e), PIPL
 * art. 19: no longer than the purposes need.
 *
 * @example compileRetention(configuration.purposes.values(), configuration.dictionary).narrowestDays
 */
export function compileRetention(purposes: Iterable<Purpose>, dictionary: Pick<Dictionary, 'fields' | 'events'>): RetentionRules {
  const all = [...purposes];
  const own = new Map(dictionary.fields.flatMap(({ path, isCustom, retentionDays }) => (isCustom && retentionDays !== null ? [[path, retentionDays] as const] : [])));
  const ownEventDays = new Map(dictionary.events.flatMap(({ name, isCustom, retentionDays }) => (isCustom && retentionDays !== null ? [[name, retentionDays] as const] : [])));
  const keepers = new Map<string, readonly Purpose[]>();
  const days = all.flatMap(({ retentionDays }) => retentionDays ?? []);
  const eventPaths = [...new Set([EVENT, ...all.flatMap(({ fields }) => fields.flatMap((pattern) => (pattern.startsWith(`${EVENT}.`) ? [pattern.replace(/\.\*$/, '')] : [])))])];
  return {
    purposes: all,
    eventPaths,
    eventDays: [...new Set([...days, ...[...own].flatMap(([path, ownDays]) => (path.startsWith('profile.') ? [] : [ownDays])), ...ownEventDays.values()])].sort((a, b) => a - b),
    keeping(path) {
      let found = keepers.get(path);
      // Paths come from stored names: an endless number of them is asked for once each.
      if (found === undefined && keepers.size >= MAX_KNOWN_PATHS) keepers.clear();
      if (found === undefined) keepers.set(path, (found = all.filter((purpose) => isKeptFor(purpose, path))));
      return found;
    },
    ownDays: (path) => own.get(path) ?? null,
    ownEventDays,
    narrowestDays: days.length === 0 ? null : Math.min(...days),
    isUnlimited: days.length === 0 && own.size === 0 && ownEventDays.size === 0,
  };
}

const MAX_KNOWN_PATHS = 10_000;

/** That something happened is kept by whatever purpose keeps anything of it. */
function isKeptFor(purpose: Purpose, path: string): boolean {
  return coversField(purpose, path) || (path === EVENT && purpose.fields.some((pattern) => pattern.startsWith(`${EVENT}.`)));
}
