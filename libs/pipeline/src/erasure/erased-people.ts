import { newProfile } from '@firsthand/domain';
import { newPersonWork, type PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import type { ErasedPerson } from './erasure.js';

/**
 * Adds those to the people of a lane who were erased and whom recipients are still told of: nobody but ids, so that a removal finds what its recipient got, and anything else ends.
 *
 * @param people by the ids that rows carry
 */
export async function withErased(tx: Pick<StoreTransaction, 'findErased'>, workspaceId: string, people: ReadonlyMap<string, PersonWork>, profileIds: readonly string[]): Promise<ReadonlyMap<string, PersonWork>> {
  const missing = [...new Set(profileIds)].filter((profileId) => !people.has(profileId));
  if (missing.length === 0) return people;
  const found = await tx.findErased(workspaceId, missing);
  if (found.length === 0) return people;
  const all = new Map(people);
  for (const person of found) {
    const work = toWork(workspaceId, person);
    for (const profileId of [person.profileId, ...person.mergedFrom]) if (missing.includes(profileId)) all.set(profileId, work);
  }
  return all;
}

function toWork(workspaceId: string, { profileId, subjectKey, mergedFrom }: ErasedPerson): PersonWork {
  const profile = { ...newProfile({ workspaceId, profileId, subjectKey, seenAt: 0, now: 0 }), mergedFrom };
  return { ...newPersonWork(profile, {}, false), isErased: true };
}
