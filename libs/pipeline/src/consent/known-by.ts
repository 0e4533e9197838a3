import { isRefusal, isRepeat, type ConsentRecord } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoreTransaction } from '../ports/store.js';

/** What who is known by an identity is looked for with. */
export interface KnownByContext {
  configuration: WorkspaceConfiguration;
  now: number;
  /** Whom the transaction works on already: they are given as they are in it. */
  people: readonly PersonWork[];
  /** Those of them who agree to something in the transaction: what they have refused until now may not stand any more by then. */
  agreeing?: ReadonlySet<PersonWork>;
}

/**
 * Everybody whom refusals concern besides those who have said so: a device may be known as that of several, of whom one has it by name. Of an identity whose refusals say nothing new to any of them nobody is read.
 *
 * @param records of any decision, not recorded yet; grants concern nobody else
 * @returns key → whose it is, and all who share it
 */
export async function findKnownBy(tx: StoreTransaction, records: readonly ConsentRecord[], { configuration, now, people, agreeing }: KnownByContext): Promise<Map<string, PersonWork[]>> {
  const { workspaceId } = configuration;
  const refusals = records.filter(({ decision }) => isRefusal(decision));
  const keys = [...new Set(refusals.map((record) => record.identityKey))];
  if (keys.length === 0) return new Map();
  const owners = await tx.findIdentities(workspaceId, keys);
  const sharers = await tx.findAllSharers(workspaceId, keys);
  const known = new Map(people.flatMap((person) => idsOf(person).map((id) => [id, person] as const)));
  const read = async (profileIds: readonly string[]): Promise<void> => {
    for (const [asked, person] of await loadPeople(tx, configuration, profileIds.filter((id) => !known.has(id)), now)) known.set(asked, known.get(person.profile.profileId) ?? person);
  };
  await read([...owners.values()]);
  const states = await tx.findConsentStates(workspaceId, [...new Set([...sharers.values()].flat())].filter((id) => !known.has(id)));
  const idsBy = (key: string): string[] => [...(sharers.get(key) ?? []), ...(owners.has(key) ? [owners.get(key) as string] : [])];
  const isNews = (id: string, key: string): boolean => {
    const person = known.get(id);
    return (person !== undefined && agreeing?.has(person) === true) || refusals.some((record) => record.identityKey === key && !isRepeat(person?.consents ?? states.get(id) ?? {}, record));
  };
  const concerned = keys.filter((key) => idsBy(key).some((id) => isNews(id, key)));
  await read([...new Set(concerned.flatMap(idsBy))]);
  return new Map(concerned.map((key) => [key, [...new Set([...idsBy(key).flatMap((id) => known.get(id) ?? []), ...people.filter(({ profile: { sharedKeys = [] } }) => sharedKeys.includes(key))])]]));
}

/** Writes the rows of identities that something is refused under: who becomes known by one at this moment without knowing of it runs again, or this does. Who has one by themselves since this transaction is met by its row. */
export async function shareRefusals(tx: StoreTransaction, workspaceId: string, records: readonly ConsentRecord[], knownBy: ReadonlyMap<string, readonly PersonWork[]>): Promise<void> {
  const keys = records.flatMap(({ decision, identityKey: key }) => (isRefusal(decision) && knownBy.get(key)?.every(({ isNew }) => isNew) !== true ? [key] : []));
  await tx.shareIdentities(workspaceId, new Map(keys.map((key) => [key, null])));
}
