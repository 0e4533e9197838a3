import type { StoreTransaction } from '../ports/store.js';
import { newPersonWork, type PersonWork } from './person-work.js';

/** Reads people by profile id, aliases resolved. The map is keyed by the ids asked for; ids that name nobody are left out. */
export async function loadPeople(tx: StoreTransaction, workspaceId: string, profileIds: readonly string[]): Promise<Map<string, PersonWork>> {
  const profiles = await tx.findProfiles(workspaceId, [...new Set(profileIds)]);
  const states = await tx.findConsentStates(workspaceId, [...new Set([...profiles.values()].map(({ profileId }) => profileId))]);
  const works = new Map<string, PersonWork>();
  for (const profile of profiles.values()) {
    if (!works.has(profile.profileId)) works.set(profile.profileId, newPersonWork(profile, states.get(profile.profileId) ?? {}, false));
  }
  return new Map([...profiles].map(([asked, { profileId }]) => [asked, works.get(profileId) as PersonWork]));
}
