import { stableId } from '../profile/stable-id.js';
import type { Membership } from '../profile/profile.js';

/**
 * The membership after an evaluation, or null if it does not change anything: being outside is the state of one who never was inside.
 *
 * @example changeMembership(profile.memberships[segmentId], answer.isMember, segment.version, now)
 */
export function changeMembership(current: Membership | undefined, isMember: boolean, segmentVersion: number, now: number): Membership | null {
  if ((current?.isMember ?? false) === isMember) return null;
  return { n: (current?.n ?? 0) + 1, isMember, at: now, segmentVersion };
}

/**
 * The id of one entering or leaving: the same whenever it is computed again.
 *
 * @example membershipChangeId({ workspaceId, segmentId, segmentVersion: 2, profileId, n: 3 })
 */
export function membershipChangeId(change: { workspaceId: string; segmentId: string; segmentVersion: number; profileId: string; n: number }): string {
  return stableId(change.workspaceId, 'membership', change.segmentId, change.segmentVersion, change.profileId, change.n);
}
