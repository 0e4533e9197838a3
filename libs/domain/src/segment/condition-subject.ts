import type { Profile } from '../profile/profile.js';
import type { JsonObject } from '../json.js';
import type { EventFacts } from './match-properties.js';

/** What a condition is asked about. */
export interface ConditionSubject {
  profile: Pick<Profile, 'fields' | 'activity' | 'memberships'> & Partial<Pick<Profile, 'identities' | 'lists'>>;
  /** Whether the person has consented to a purpose at `now`, and when this answer ends by itself (epoch ms; null or absent: never). */
  isConsented(purpose: string, now: number): { isGranted: boolean; expiresAt?: number | null };
  /**
   * The event that started a flow run: it counts as done, also where the profile keeps no counter for its conditions yet.
   * Counts do not add it, since the profile has it already. Leave it out for segments.
   */
  event?: EventFacts & { occurredAt: number };
  /** What the calls of a flow run were answered, by step id. Leave it out for segments. */
  answers?: Readonly<Record<string, JsonObject>>;
}

/** The answer for one subject at one time. */
export interface ConditionAnswer {
  isMember: boolean;
  /**
   * The earliest time, epoch ms, at which the answer may change with no new data; null if it cannot. Never late, may be early.
   * Memberships of other segments are data here: ask again when one changes.
   */
  nextChangeAt: number | null;
}
