import type { StoreReads } from '../ports/store.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { forgetPast } from '../retention/forget-person.js';
import { newPersonWork, type PersonWork } from './person-work.js';

/**
 * Reads people by profile id, aliases resolved, with what may be kept of them at this moment. The map is keyed by the ids asked for; ids that name nobody are left out.
 */
export async function loadPeople(tx: StoreReads, configuration: WorkspaceConfiguration, profileIds: readonly string[], now: number): Promise<Map<string, PersonWork>> {
  const { workspaceId } = configuration;
  const profiles = await tx.findProfiles(workspaceId, [...new Set(profileIds)]);
  const states = await tx.findConsentStates(workspaceId, [...new Set([...profiles.values()].map(({ profileId }) => profileId))]);
  const works = new Map<string, PersonWork>();
  for (const profile of profiles.values()) {
    if (works.has(profile.profileId)) continue;
    const person = newPersonWork(profile, states.get(profile.profileId) ?? {}, false);
    forgetPast(person, configuration, now);
    works.set(profile.profileId, person);
  }
  return new Map([...profiles].map(([asked, { profileId }]) => [asked, works.get(profileId) as PersonWork]));
}
