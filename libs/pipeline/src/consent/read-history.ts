import { identityKey, type ConsentHistory, type Profile } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';
import { provenAtOf } from './person-ledger.js';

/** All that is known of a person's consents and of who they were. */
export interface PersonHistory {
  /** Of all profiles that were ever one with the one asked about, also where that was taken back. */
  history: ConsentHistory;
  /** The person now. */
  profile: Profile;
}

/** Reads what consents of a profile are folded from at any moment; undefined when there is no such profile. */
export async function readHistory(tx: StoreTransaction, workspaceId: string, profileId: string): Promise<PersonHistory | undefined> {
  const profile = (await tx.findProfiles(workspaceId, [profileId])).get(profileId);
  if (profile === undefined) return undefined;
  let journal = await tx.findJournal(workspaceId, [profileId]);
  for (let ids = new Set([profileId]); ;) {
    const reached = new Set([...ids, ...journal.joins.flatMap(({ winner, loser }) => [winner, loser])]);
    if (reached.size === ids.size) break;
    ids = reached;
    journal = await tx.findJournal(workspaceId, [...ids]);
  }
  const ids = [...new Set([profileId, ...journal.joins.flatMap(({ winner, loser }) => [winner, loser])])];
  const people = [...new Map([...(await tx.findProfiles(workspaceId, ids)).values()].map((person) => [person.profileId, person])).values()];
  const owners = new Map([...journal.moves.map(({ key, to }) => [key, to] as const), ...(await tx.findIdentitiesOf(workspaceId, ids))]);
  // A shared device is another's by name; whoever is known on it has its decisions too.
  const shared = new Map(people.map(({ profileId: id, mergedFrom, identities, sharedKeys = [] }) => (
    [id, [...new Set([...identities.map(identityKey), ...sharedKeys])].filter((key) => ![id, ...mergedFrom].includes(owners.get(key) ?? ''))] as const)));
  const provenAt = new Map(people.flatMap((person) => [...provenAtOf(person)]));
  return { profile, history: { ...journal, owners, shared, provenAt, records: await tx.findConsentRecords(workspaceId, [...new Set([...owners.keys(), ...[...shared.values()].flat()])]) } };
}
