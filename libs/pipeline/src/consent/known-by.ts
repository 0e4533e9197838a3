import { isRefusal, isRepeat, standingAt, type ConsentRecord, type ConsentScope, type ConsentStanding, type ConsentState } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoreTransaction } from '../ports/store.js';
import { stateOfKey } from './person-ledger.js';

/** What who is known by an identity is looked for with. */
export interface KnownByContext {
  configuration: WorkspaceConfiguration;
  now: number;
  /** Whom the transaction works on already: they are given as they are in it. */
  people: readonly PersonWork[];
  /** Those of them who agree to something in the transaction: what they have refused until now may not stand any more by then. */
  agreeing?: ReadonlySet<PersonWork>;
}

/** Who is known by identities under which something is refused that is news to any of them. */
export interface KnownBy {
  /** key → whose it is, and all who share it; of a crowd whose it is and whom the transaction works on. */
  people: ReadonlyMap<string, readonly PersonWork[]>;
  /** key → what stands of each of the crowd that shares it. */
  crowds: Map<string, readonly ConsentState[]>;
}

/** More people than this are not gone through in the transaction of a refusal: they are marked in it, whoever reads one of them folds their ledger first, and the sweep writes them batch by batch. */
const MAX_TOGETHER = 200;

/**
 * Everybody whom refusals concern besides those who have said so: a device may be known as that of several, of whom one has it by name. Of an identity whose refusals say nothing new to any of them nobody is read.
 *
 * @param records of any decision, not recorded yet; grants concern nobody else
 */
export async function findKnownBy(tx: StoreTransaction, records: readonly ConsentRecord[], { configuration, now, people, agreeing }: KnownByContext): Promise<KnownBy> {
  const { workspaceId } = configuration;
  const refusals = records.filter(({ decision }) => isRefusal(decision));
  const keys = [...new Set(refusals.map((record) => record.identityKey))];
  if (keys.length === 0) return { people: new Map(), crowds: new Map() };
  const owners = await tx.findIdentities(workspaceId, keys);
  const sharers = await tx.findAllSharers(workspaceId, keys);
  const known = new Map(people.flatMap((person) => idsOf(person).map((id) => [id, person] as const)));
  const read = async (profileIds: readonly string[]): Promise<void> => {
    for (const [asked, person] of await loadPeople(tx, configuration, profileIds.filter((id) => !known.has(id)), now)) known.set(asked, known.get(person.profile.profileId) ?? person);
  };
  await read([...owners.values()]);
  const states = await tx.findConsentStates(workspaceId, [...new Set([...sharers.values()].flat())].filter((id) => !known.has(id)));
  const crowdKeys = keys.filter((key) => (sharers.get(key)?.length ?? 0) > MAX_TOGETHER);
  const refusedAt = crowdKeys.length === 0 ? [] : (await tx.findConsentRecords(workspaceId, crowdKeys)).filter(({ decision }) => isRefusal(decision));
  const heard = new Map(crowdKeys.map((key) => [key, stateOfKey(refusedAt, key)]));
  const stateOf = (id: string, key: string): ConsentState => known.get(id)?.consents ?? asHeard(states.get(id) ?? {}, heard.get(key) ?? {});
  // Who comes to be known there in this transaction is not stored yet.
  const comingTo = (key: string): string[] => people.flatMap(({ profile: { profileId, sharedKeys = [] } }) => (sharedKeys.includes(key) ? [profileId] : []));
  const idsBy = (key: string): string[] => [...new Set([...(sharers.get(key) ?? []), ...(owners.has(key) ? [owners.get(key) as string] : []), ...comingTo(key)])];
  const isNews = (id: string, key: string): boolean => {
    const person = known.get(id);
    return (person !== undefined && agreeing?.has(person) === true) || refusals.some((record) => record.identityKey === key && !isRepeat(stateOf(id, key), record));
  };
  const concerned = keys.filter((key) => idsBy(key).some((id) => isNews(id, key)));
  await read([...new Set(concerned.filter((key) => !heard.has(key)).flatMap(idsBy))]);
  const peopleBy = (key: string): PersonWork[] => [...new Set(idsBy(key).flatMap((id) => known.get(id) ?? []))];
  return {
    people: new Map(concerned.map((key) => [key, peopleBy(key)])),
    crowds: new Map(concerned.filter((key) => heard.has(key)).map((key) => [key, idsBy(key).map((id) => stateOf(id, key))])),
  };
}

/** Whether a refusal says anything new to any of a crowd. */
export function isNewsToCrowd({ crowds }: KnownBy, record: ConsentRecord): boolean {
  return isRefusal(record.decision) && crowds.get(record.identityKey)?.some((state) => !isRepeat(state, record)) === true;
}

/** What stands of a crowd once it has heard a refusal that is recorded: repeats of it in the same transaction are no news. */
export function tellCrowd({ crowds }: KnownBy, record: ConsentRecord): void {
  const states = isRefusal(record.decision) ? crowds.get(record.identityKey) : undefined;
  if (states === undefined) return;
  const said = stateOfKey([record], record.identityKey);
  crowds.set(record.identityKey, states.map((state) => asHeard(state, said)));
}

/** The state of somebody of whom refusals at a device may not be written yet. Where it may be otherwise once it is folded, what is written counts: then a refusal is news. */
function asHeard(state: ConsentState, refused: ConsentState): ConsentState {
  const next = { ...state };
  for (const [purpose, standings] of Object.entries(refused)) {
    for (const scope of Object.keys(standings) as ConsentScope[]) {
      const [own, standing] = [standingAt(state, [purpose, scope]), standingAt(refused, [purpose, scope]) as ConsentStanding];
      if (own === null || (!isRefusal(own.decision) && own.recordedAt <= standing.recordedAt && own.effectiveAt <= standing.effectiveAt)) next[purpose] = { ...(Object.hasOwn(next, purpose) ? next[purpose] : {}), [scope]: standing };
    }
  }
  return next;
}

/** Marks the crowds that something is refused to, and writes the rows of identities that something is refused under: who becomes known by one at this moment without knowing of it runs again, or this does. Who has one by themselves since this transaction is met by its row. */
export async function shareRefusals(tx: StoreTransaction, workspaceId: string, records: readonly ConsentRecord[], knownBy: KnownBy): Promise<void> {
  const keys = records.flatMap(({ decision, identityKey: key }) => (isRefusal(decision) && knownBy.people.get(key)?.every(({ isNew }) => isNew) !== true ? [key] : []));
  for (const key of new Set(keys)) if (knownBy.crowds.has(key)) await tx.markSharers(workspaceId, key, (knownBy.people.get(key) ?? []).map(({ profile }) => profile.profileId));
  await tx.shareIdentities(workspaceId, new Map(keys.map((key) => [key, null])));
}
