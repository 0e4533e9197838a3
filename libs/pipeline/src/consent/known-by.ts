import { isRefusal, isRepeat, isRepeatedByEvents, scopesOf, type ConsentRecord } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { AgreedAt, StoreTransaction } from '../ports/store.js';
import { latestAgreed } from './note-agreed.js';

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
  /** key → what is known of the crowd that shares it. */
  crowds: ReadonlyMap<string, Crowd>;
}

/** More than can be gone through who are known by one identity. */
interface Crowd {
  /** What was refused there. */
  refused: ConsentRecord[];
  /** Until when any of them has agreed to what. */
  agreedAt: AgreedAt;
  /** Set once something that is news to any of them is recorded. */
  hasNews?: true;
}

/** More people than this are not gone through in the transaction of a refusal: the identity is marked in it, whoever reads one of them folds their ledger first, and the sweep writes them batch by batch. */
const MAX_TOGETHER = 200;

/**
 * Everybody whom refusals concern besides those who have said so: a device may be known as that of several, of whom one has it by name. Of an identity whose refusals say nothing new to any of them nobody is read. Reads as much of the largest crowd as of one just too large to be gone through.
 *
 * @param records of any decision, not recorded yet; grants concern nobody else
 */
export async function findKnownBy(tx: StoreTransaction, records: readonly ConsentRecord[], { configuration, now, people, agreeing }: KnownByContext): Promise<KnownBy> {
  const { workspaceId } = configuration;
  const refusals = records.filter(({ decision }) => isRefusal(decision));
  const keys = [...new Set(refusals.map((record) => record.identityKey))];
  if (keys.length === 0) return { people: new Map(), crowds: new Map() };
  const owners = await tx.findIdentities(workspaceId, keys);
  const sharers = await tx.findAllSharers(workspaceId, keys, MAX_TOGETHER + 1);
  const crowds = await readCrowds(tx, workspaceId, keys.filter((key) => (sharers.get(key)?.length ?? 0) > MAX_TOGETHER));
  const known = new Map(people.flatMap((person) => idsOf(person).map((id) => [id, person] as const)));
  const read = async (profileIds: readonly string[]): Promise<void> => {
    for (const [asked, person] of await loadPeople(tx, configuration, profileIds.filter((id) => !known.has(id)), now)) known.set(asked, known.get(person.profile.profileId) ?? person);
  };
  await read([...owners.values()]);
  // Who comes to be known there in this transaction is not stored yet.
  const comingTo = (key: string): string[] => people.flatMap(({ profile: { profileId, sharedKeys = [] } }) => (sharedKeys.includes(key) ? [profileId] : []));
  const idsBy = (key: string): string[] => [...new Set([...(crowds.has(key) ? [] : sharers.get(key) ?? []), ...(owners.has(key) ? [owners.get(key) as string] : []), ...comingTo(key)])];
  const states = await tx.findConsentStates(workspaceId, [...new Set(keys.flatMap(idsBy))].filter((id) => !known.has(id)));
  const isNews = (id: string, key: string): boolean => {
    const person = known.get(id);
    return (person !== undefined && agreeing?.has(person) === true) || refusals.some((record) => record.identityKey === key && !isRepeat(person?.consents ?? states.get(id) ?? {}, record));
  };
  const concerned = keys.filter((key) => idsBy(key).some((id) => isNews(id, key)) || refusals.some((record) => record.identityKey === key && isNewsToCrowd({ crowds }, record)));
  await read(concerned.flatMap(idsBy));
  return {
    people: new Map(concerned.map((key) => [key, [...new Set(idsBy(key).flatMap((id) => known.get(id) ?? []))]])),
    crowds: new Map([...crowds].filter(([key]) => concerned.includes(key))),
  };
}

async function readCrowds(tx: StoreTransaction, workspaceId: string, keys: readonly string[]): Promise<Map<string, Crowd>> {
  if (keys.length === 0) return new Map();
  const agreed = await tx.findAgreed(workspaceId, keys);
  const refused = (await tx.findConsentRecords(workspaceId, keys)).filter(({ decision }) => isRefusal(decision));
  return new Map(keys.map((key) => [key, { refused: refused.filter(({ identityKey }) => identityKey === key), agreedAt: agreed.get(key) ?? {} }]));
}

/** Whether a refusal may say anything new to any of a crowd: nothing where the same was refused there already, and nobody who is known there has agreed since. */
export function isNewsToCrowd({ crowds }: Pick<KnownBy, 'crowds'>, record: ConsentRecord): boolean {
  const crowd = isRefusal(record.decision) ? crowds.get(record.identityKey) : undefined;
  if (crowd === undefined) return false;
  const { refused, agreedAt } = crowd;
  const same = refused.filter(({ purpose, agreementVersion, method }) => purpose === record.purpose && agreementVersion === record.agreementVersion && (isRepeatedByEvents(record.method) || !isRepeatedByEvents(method)));
  return !scopesOf(record).every((scope) => same.some((before) => scopesOf(before).includes(scope) && before.effectiveAt >= (latestAgreed(agreedAt, [record.purpose, scope]) ?? -Infinity)));
}

/** Lets a crowd hear a refusal that is recorded: repeats of it in the same transaction are no news. */
export function tellCrowd(knownBy: KnownBy, record: ConsentRecord): void {
  const crowd = isRefusal(record.decision) ? knownBy.crowds.get(record.identityKey) : undefined;
  if (crowd === undefined) return;
  if (isNewsToCrowd(knownBy, record)) crowd.hasNews = true;
  crowd.refused.push(record);
}

/** Marks the identities of crowds whom something new is refused to, and writes the rows of the others that something is refused under: who becomes known by one at this moment without knowing of it runs again, or this does. Who has one by themselves since this transaction is met by its row. */
export async function shareRefusals(tx: StoreTransaction, workspaceId: string, records: readonly ConsentRecord[], knownBy: KnownBy): Promise<void> {
  const refusals = records.filter(({ decision, identityKey: key }) => isRefusal(decision) && knownBy.people.get(key)?.every(({ isNew }) => isNew) !== true);
  const keys = [...new Set(refusals.map(({ identityKey }) => identityKey))];
  const isMarked = (key: string): boolean => knownBy.crowds.get(key)?.hasNews === true;
  for (const key of keys.filter(isMarked)) await tx.markShared(workspaceId, key, Math.max(...refusals.map(({ recordedAt }) => recordedAt)));
  await tx.shareIdentities(workspaceId, new Map(keys.filter((key) => !isMarked(key)).map((key) => [key, null])));
}
