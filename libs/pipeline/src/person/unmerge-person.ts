import { BUILT_IN_IDENTITY_RULES, decodeStoredKey, FirsthandError, identityKey, stableId, unmergeProfiles, type ConsentState, type Identity, type IdentityRules, type Profile, type ProfileField } from '@firsthand/domain';
import { readLedgers, refold, withRecord } from '../consent/person-ledger.js';
import type { Clock, ConfigurationSource, Doorbell, Store } from '../ports/index.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { causeOf } from '../changes/change-cause.js';
import { correctAudiences, partAudiences } from '../audience/correct-audiences.js';
import type { DeliveryRow, MergeRow } from '../ports/rows.js';
import type { Tombstones } from '../erasure/erasure.js';
import type { StoreTransaction } from '../ports/store.js';
import { LedgerCounts, newPersonWork, newWorkOutput, type PersonWork } from './person-work.js';
import { giveContacts, partContacts } from './part-contacts.js';
import { partJournal } from './part-journal.js';
import { nameWith, partRecords } from './part-records.js';
import { ownRefusals } from './release-identities.js';
import { partCopies } from '../sync/part-copies.js';
import { INTERNAL_CONNECTION } from './move-segments.js';
import { writePeople } from './write-people.js';

export interface UnmergeOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  /** By it whoever was merged with them in a system is told from a person also when they are erased. */
  tombstones: Pick<Tombstones, 'digest'>;
}

/** The two who were one. */
export interface Unmerged {
  winner: string;
  loser: string;
}

/**
 * Takes a merge back, in one transaction: both profiles, their identities and aliases, and the consents of each, folded from the records of their own identities; events, runs, deliveries and disclosures of meanwhile go to whom they name, and what is known of copies in other systems; what the journal keeps of both as one is parted too; segments and audiences
 * follow, who is missing from an audience or stands in it as the other is put right, copies that were made of both end, and what either was only permitted by the other's consent is taken back from who got it. The merge stays in the journal, with the time at which it ended.
 *
 * @param loser the profile that was merged away
 * @throws FirsthandError `NOT_FOUND` for a profile that is not merged into another; `MERGE_NOT_UNDOABLE` when a later merge has to be taken back first, or the journal does not hold both as they were
 */
export async function unmergePerson({ workspaceId, loser }: { workspaceId: string; loser: string }, { store, doorbell, configuration: source, clock, tombstones }: UnmergeOptions): Promise<Unmerged> {
  const configuration = source.workspace(workspaceId);
  const { lanes, winner } = await store.transaction((tx) => unmergeWithin(tx, loser, { configuration, tombstones, now: clock() }));
  for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  return { winner, loser };
}

/** What two are told apart by in a transaction. */
export interface PartContext {
  configuration: WorkspaceConfiguration;
  tombstones: Pick<Tombstones, 'digest'>;
  now: number;
  /** The loser becomes one with somebody at once: what both have to be in is seen then. */
  isJoinedAtOnce?: boolean;
}

/** {@link unmergePerson} within the transaction of its caller. Gives the lanes to ring. */
export async function unmergeWithin(tx: StoreTransaction, loser: string, context: PartContext): Promise<{ winner: string; lanes: string[] }> {
  const { configuration, now } = context;
  const { workspaceId } = configuration;
  const row = await tx.findMerge(workspaceId, loser);
  if (row === undefined) throw new FirsthandError('NOT_FOUND', 'This profile is not merged into another.');
  const current = (await tx.findProfiles(workspaceId, [loser])).get(loser);
  if (current?.profileId !== row.winner) throw new FirsthandError('MERGE_NOT_UNDOABLE', 'The person whom it was merged into was merged away since: take that back first.');
  if (!isComplete(row)) throw new FirsthandError('MERGE_NOT_UNDOABLE', 'The journal does not hold both people as they were.');
  const parted = await takeApart(tx, row, current, configuration);
  await tx.undoMerge(row, now);
  // What said that they are one was wrong.
  await tx.outdateMatches(workspaceId, [loser], { states: ['accepted'], at: now, wasUndone: true });
  return { winner: row.winner, lanes: await writeParted(tx, row, current, parted, context) };
}

/** The common end of telling two apart: what came meanwhile goes to whom it names, and all that follows from either being one person of their own. Gives the lanes to ring. */
export async function writeParted(tx: StoreTransaction, row: MergeRow, current: Profile, { people, isLosers, from, split }: PartedPeople, { configuration, tombstones, now, isJoinedAtOnce = false }: PartContext): Promise<string[]> {
  const { workspaceId, mergeId, winner, loser } = row;
  // What was found of both as one holds no more.
  await tx.outdateMatches(workspaceId, [winner, loser], { states: ['open'], at: now });
  await tx.endPersonExports(workspaceId, [current.profileId, ...current.mergedFrom]);
  const takenBack = await partRecords(tx, workspaceId, people, { isLosers, from, now });
  await partCopies(tx, current, people, configuration);
  await partContacts(tx, current, people, { configuration, tombstones, mergeId, now });
  await partAudiences(tx, workspaceId, people);
  await readLedgers(tx, workspaceId, people);
  const [stays] = people;
  const refusals = split === undefined ? [] : ownRefusals(stays, [], split.left, { ...split, actor: { kind: 'admin' }, now });
  for (const record of refusals) stays.ledger = withRecord(stays, record);
  for (const person of people) refold(person, true);
  const corrections = async (planned: readonly DeliveryRow[]): Promise<DeliveryRow[]> => [
    ...takenBack.filter((one) => !planned.some(({ cause, profileId, connectionId, action }) => cause === one.cause && profileId === one.profileId && connectionId === one.connectionId && action === one.action)),
    ...(isJoinedAtOnce ? [] : await correctAudiences(tx, people, configuration, { occurrenceId: `unmerge|${mergeId}`, now, planned })),
  ];
  return writePeople(tx, { configuration, people, occurrences: [], consentRecords: refusals, output: newWorkOutput(), counts: new LedgerCounts(), now, corrections });
}

/** Two who were one, the winner first, whose a record is, and under which profiles records of both may be. */
export interface PartedPeople {
  people: [PersonWork, PersonWork];
  isLosers: (identities: readonly Identity[]) => boolean;
  from: readonly string[];
  /** Of identities that no merge brought: these, and some of those whom they leave. What was refused under them stays with these, too, whatever becomes of the other. */
  split?: { gone: readonly string[]; left: readonly string[]; newId(): string };
}

/** Whether the journal holds both people as they were. */
export function isComplete({ before, winner, loser }: MergeRow): boolean {
  const stored: Partial<MergeRow['before']> = before;
  return stored.winner?.profileId === winner && stored.loser?.profileId === loser && Array.isArray(stored.loser.identities) && typeof stored.loser.fields === 'object';
}

/**
 * Takes two who are one apart: who each is from now on, with what the journal keeps of both as one. Writes all but the two.
 *
 * @param row how both were, each with the identities that are theirs again
 */
export async function takeApart(tx: StoreTransaction, row: MergeRow, current: Profile, { ownerRank, identityRules: rules = BUILT_IN_IDENTITY_RULES }: Pick<WorkspaceConfiguration, 'ownerRank' | 'identityRules'>, { isSplit = false } = {}): Promise<PartedPeople> {
  const { workspaceId, before } = row;
  const profileIds = [row.loser, ...before.loser.mergedFrom];
  const keys = new Set([...(await tx.findIdentitiesOf(workspaceId, profileIds)).keys(), ...await giveBackShared(tx, row, current)]);
  await giveContacts(tx, row, current, keys);
  const visited = await findVisited(tx, row, current, { keys, rules });
  for (const key of visited.losers) keys.add(key);
  const isLosers = nameWith(keys, new Set([...keys, ...current.identities.map(identityKey)]), rules);
  const cameToLoser = await fieldsOfLoser(tx, workspaceId, current, isLosers);
  // Of a split the journal has said whose each list is.
  const since = isSplit ? [] : await joinedSince(tx, row, current);
  const { winner, loser } = unmergeProfiles(current, { before, since, isLosers: (key) => keys.has(key), visited, cameToLoser: (field) => cameToLoser.has(field), ownerRank });
  await partJournal(tx, row, current, { since, isLosers: (key) => keys.has(key), cameToLoser: (profile) => fieldsOfLoser(tx, workspaceId, profile, isLosers), ownerRank, isSplit });
  const states = await tx.findConsentStates(workspaceId, [current.profileId, row.loser]);
  const merged = states.get(current.profileId) ?? {};
  const fields = Object.keys(current.fields).map(decodeStoredKey);
  const of = (profile: Profile, consents: ConsentState, isNew: boolean, other: string): PersonWork => ({
    ...newPersonWork(profile, consents, isNew), mergedConsents: [merged], isTouched: true, knownIdentities: isNew ? [] : current.identities,
    joins: [{ act: 'unmerged', other, fields, memberships: isNew ? membershipsOf(profile) : [], cause: causeOf('admin') }],
  });
  const works: [PersonWork, PersonWork] = [of(winner, merged, false, row.loser), of(loser, states.get(row.loser) ?? {}, true, current.profileId)];
  // Neither version repeats one of before.
  for (const work of works) work.storedVersion = current.version;
  return { people: works, isLosers, from: [current.profileId] };
}

/** Who became one with the winner after the loser did, as they were. Needed only where the loser stood on a list. */
async function joinedSince(tx: StoreTransaction, { workspaceId, winner, loser, before }: MergeRow, { mergedFrom }: Profile): Promise<Profile[]> {
  if (before.loser.lists === undefined) return [];
  const joined: Profile[] = [];
  for (const later of mergedFrom.slice(mergedFrom.indexOf(loser) + 1)) {
    const row = await tx.findMerge(workspaceId, later);
    if (row?.winner === winner) joined.push(row.before.loser);
  }
  return joined;
}

/** Where somebody is again who was nobody of their own. */
function membershipsOf({ memberships }: Profile): PersonWork['joins'][number]['memberships'] {
  return Object.entries(memberships).flatMap(([segmentId, { isMember }]) => (isMember ? [{ segmentId, isMember }] : []));
}

/** Of two who are one a device that others gave up came to the winner: it is the loser's again where they alone were known by it. */
async function giveBackShared(tx: StoreTransaction, { workspaceId, winner, loser, before }: MergeRow, { sharedKeys = [] }: Profile): Promise<string[]> {
  const hadKey = ({ identities }: Profile, key: string): boolean => identities.some((identity) => identityKey(identity) === key);
  const shared = sharedKeys.filter((key) => hadKey(before.loser, key) && !hadKey(before.winner, key));
  const owners = await tx.findIdentities(workspaceId, shared);
  const given = shared.filter((key) => owners.get(key) === winner);
  await tx.shareIdentities(workspaceId, new Map(given.map((key) => [key, loser])));
  return given;
}

/**
 * On which devices either has come to be known while both were one, as the events say that name somebody there: what is refused there is theirs too. One that came meanwhile and that the loser alone was known on is given to them.
 *
 * @param keys the loser's own
 * @returns by side, and what was given to the loser
 */
async function findVisited(tx: StoreTransaction, { workspaceId, loser, before }: MergeRow, { profileId, identities }: Profile, { keys, rules }: { keys: ReadonlySet<string>; rules: IdentityRules }): Promise<Record<'winner' | 'loser' | 'losers', Set<string>>> {
  const of = new Set([...keys, ...identities.map(identityKey)]);
  const isLosers = nameWith(keys, of, rules);
  const had = new Set([...before.winner.identities, ...before.loser.identities].map(identityKey));
  const isNew = (identity: Identity): boolean => rules.isShared(identity.namespace) && !had.has(identityKey(identity));
  const visited = { winner: new Set<string>(), loser: new Set<string>() };
  for (const { connectionId, identities: named } of await tx.findEventsNaming(workspaceId, profileId, identities.filter((one) => keys.has(identityKey(one)) || before.loser.identities.some((other) => identityKey(other) === identityKey(one)) || isNew(one)))) {
    const own = named.filter((one) => of.has(identityKey(one)));
    // An event of the platform's own names all that either was known by: it says nothing of who was where.
    if (connectionId === INTERNAL_CONNECTION || own.every(({ namespace }) => rules.isShared(namespace))) continue;
    for (const one of own) if (rules.isShared(one.namespace)) visited[isLosers(named) ? 'loser' : 'winner'].add(identityKey(one));
  }
  const losers = new Set(identities.filter((one) => isNew(one) && visited.loser.has(identityKey(one)) && !visited.winner.has(identityKey(one))).map(identityKey));
  const owners = await tx.findIdentities(workspaceId, [...losers]);
  for (const key of losers) if (owners.get(key) !== profileId) losers.delete(key);
  await tx.shareIdentities(workspaceId, new Map([...losers].map((key) => [key, loser])));
  return { ...visited, losers };
}

/** Of all fields those whose event is the loser's. */
async function fieldsOfLoser(tx: StoreTransaction, workspaceId: string, { fields, candidates = {} }: Profile, isLosers: (identities: readonly Identity[]) => boolean): Promise<Set<ProfileField>> {
  const idOf = ({ source, origin }: ProfileField): string => `${workspaceId}|${stableId(workspaceId, source, origin)}`;
  const since = [...Object.values(fields), ...Object.values(candidates).flat()];
  const events = await tx.findEvents([...new Set(since.map(idOf))]);
  return new Set(since.filter((field) => {
    const event = events.get(idOf(field));
    return event !== undefined && isLosers(event.record.identities);
  }));
}
