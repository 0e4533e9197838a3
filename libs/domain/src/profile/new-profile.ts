import type { Profile } from './profile.js';

/**
 * An empty profile, at version 0, for a person not known before.
 *
 * @param given `seenAt` is the event time of any one of the records that will be folded in; `now` the time of creation. Epoch ms.
 * @example newProfile({ workspaceId, profileId, subjectKey, seenAt: record.occurredAt, now })
 */
export function newProfile(given: { workspaceId: string; profileId: string; subjectKey: string; seenAt: number; now: number }): Profile {
  const { workspaceId, profileId, subjectKey, seenAt, now } = given;
  return {
    profileId, workspaceId, subjectKey, version: 0, seq: 0, identities: [], verifiedKeys: [], mergedFrom: [], fields: {}, activity: {}, memberships: {},
    firstSeenAt: seenAt, lastSeenAt: seenAt, createdAt: now,
  };
}
