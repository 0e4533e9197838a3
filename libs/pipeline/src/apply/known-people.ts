import { loadPeople } from '../person/load-people.js';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';

/** The people that are stored and whom a batch names. */
export interface KnownPeople {
  /** identityKey → profileId, merges followed. */
  owners: Map<string, string>;
  /** profileId → the person. */
  works: Map<string, PersonWork>;
}

/** Reads everybody whom the candidates name, once. */
export async function findKnownPeople(tx: StoreTransaction, candidates: readonly Candidate[], { configuration, now }: Pick<ApplyContext, 'configuration' | 'now'>): Promise<KnownPeople> {
  const given = await tx.findIdentities(configuration.workspaceId, [...new Set(candidates.flatMap(identityKeysOf))]);
  const people = await loadPeople(tx, configuration, [...given.values()], now);
  return {
    owners: new Map([...given].map(([key, profileId]) => [key, people.get(profileId)?.profile.profileId ?? profileId])),
    works: new Map([...people.values()].map((person) => [person.profile.profileId, person])),
  };
}

/** The stored person whom a candidate names, by the first of its identities that is known. */
export function ownerOfAny(candidate: Candidate, { owners }: KnownPeople): string | undefined {
  return identityKeysOf(candidate).map((key) => owners.get(key)).find((profileId) => profileId !== undefined);
}
