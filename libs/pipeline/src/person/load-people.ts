import type { ConsentState, Profile } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';
import { newPersonWork, type PersonWork } from './person-work.js';

/** Reads people by profile id, aliases resolved. The map is keyed by the ids asked for; ids that name nobody are left out. */
export async function loadPeople(tx: StoreTransaction, workspaceId: string, profileIds: readonly string[]): Promise<Map<string, PersonWork>> {
  const asked = [...new Set(profileIds)];
  const aliases = await tx.findAliases(workspaceId, asked);
  const rootOf = (profileId: string): string => aliases.get(profileId) ?? profileId;
  const roots = [...new Set(asked.map(rootOf))];
  const profiles: Map<string, Profile> = await tx.findProfiles(workspaceId, roots);
  const states: Map<string, ConsentState> = await tx.findConsentStates(workspaceId, roots);
  const works = new Map([...profiles].map(([id, profile]) => [id, newPersonWork(profile, states.get(id) ?? {}, false)]));
  return new Map(asked.flatMap((profileId) => {
    const work = works.get(rootOf(profileId));
    return work === undefined ? [] : [[profileId, work] as const];
  }));
}
