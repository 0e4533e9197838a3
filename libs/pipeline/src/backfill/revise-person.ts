import { isSameJson, type Activity, type JsonValue } from '@firsthand/domain';
import { moveSegments } from '../person/move-segments.js';
import { newPersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { BackfillPerson, PersonRevision } from './backfill-store.js';

/**
 * What a backfill changes of one person: counters that differ from what their events give, and the due time when a segment or the next
 * time-driven change is another one by this configuration. Null when nothing is to be written.
 *
 * @param keys the stored keys of the counters that were counted
 */
export function revisePerson({ profile, consents, dueAt, counted }: BackfillPerson, keys: readonly string[], configuration: WorkspaceConfiguration, now: number): PersonRevision | null {
  const changed = counted === null ? {} : changedCounters(profile.activity, counted, keys);
  const activity = { ...profile.activity };
  for (const [key, counter] of Object.entries(changed)) {
    if (counter === null) delete activity[key];
    else activity[key] = counter;
  }
  const { evaluated: _last, ...person } = profile;
  const given = { ...person, activity, memberships: { ...profile.memberships } };
  const work = newPersonWork(given, consents, false);
  const moves = moveSegments(work, configuration, now);
  // Who still has what may be kept no longer is due as well.
  const due = moves.length > 0 || work.profile !== given ? now : work.dueAt;
  const isSooner = due !== null && (dueAt === null || due < dueAt);
  if (!isSooner && Object.keys(changed).length === 0) return null;
  return { activity: changed, ...(isSooner ? { dueAt: due } : {}) };
}

function changedCounters(stored: Record<string, Activity>, counted: Record<string, Activity>, keys: readonly string[]): Record<string, Activity | null> {
  const valueOf = (counters: Record<string, Activity>, key: string): Activity | null => (Object.hasOwn(counters, key) ? counters[key] as Activity : null);
  return Object.fromEntries(keys.flatMap((key) => {
    const [old, fresh] = [valueOf(stored, key), valueOf(counted, key)];
    return isSameJson(old as JsonValue | null, fresh as JsonValue | null) ? [] : [[key, fresh] as const];
  }));
}
