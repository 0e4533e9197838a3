import { decodeStoredKey, foldLedger, identityKey, type ConsentHistory, type ConsentRecord, type ConsentState, type Profile } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { StoreReads } from '../ports/store.js';
import { takeState } from './take-state.js';

/** Of somebody of whom nothing can have been recorded. */
export const EMPTY_LEDGER: ConsentHistory = { records: [], joins: [], moves: [], owners: new Map(), shared: new Map(), provenAt: new Map() };

/** Reads what the consents of these people are folded from, once for all; who has it already, or is new and has nothing, is not asked for. */
export async function readLedgers(tx: Pick<StoreReads, 'findJournal' | 'findIdentitiesOf' | 'findConsentRecords'>, workspaceId: string, people: readonly PersonWork[]): Promise<void> {
  const asking = [...new Set(people)].filter(({ ledger }) => ledger === undefined);
  if (asking.length === 0) return;
  const idsOf = ({ profileId, mergedFrom }: Profile): string[] => [profileId, ...mergedFrom];
  const ids = asking.flatMap(({ profile }) => idsOf(profile));
  const journal = await tx.findJournal(workspaceId, ids);
  const owners = await tx.findIdentitiesOf(workspaceId, ids);
  const keysOf = ({ profile }: PersonWork): string[] => {
    const own = new Set(idsOf(profile));
    return [...new Set([
      ...[...owners].flatMap(([key, owner]) => (own.has(owner) ? [key] : [])), ...profile.identities.map(identityKey), ...(profile.sharedKeys ?? []), ...journal.moves.flatMap(({ key, from }) => (own.has(from) ? [key] : [])),
    ])];
  };
  const keys = new Map(asking.map((person) => [person, keysOf(person)]));
  const records = await tx.findConsentRecords(workspaceId, [...new Set([...keys.values()].flat())]);
  for (const person of asking) {
    const own = new Set(keys.get(person));
    const profileIds = new Set(idsOf(person.profile));
    person.ledger = {
      records: records.filter((record) => own.has(record.identityKey)), joins: journal.joins.filter(({ winner, loser }) => profileIds.has(winner) && profileIds.has(loser)),
      moves: journal.moves.filter(({ from, to }) => profileIds.has(from) || profileIds.has(to)), ...keysOfPerson(person, own, owners), provenAt: provenAtOf(person.profile),
    };
  }
}

/** A shared device is another's by name; whoever is known on it has its decisions too. Claims of former days are nobody's here. */
function keysOfPerson({ profile }: PersonWork, keys: ReadonlySet<string>, owners: ReadonlyMap<string, string>): Pick<ConsentHistory, 'owners' | 'shared'> {
  const ids = new Set([profile.profileId, ...profile.mergedFrom]);
  const own = new Map([...owners].filter(([key, owner]) => keys.has(key) && ids.has(owner)));
  const shared = [...new Set([...profile.identities.map(identityKey), ...(profile.sharedKeys ?? [])])].filter((key) => !own.has(key));
  return { owners: own, shared: new Map(shared.length === 0 ? [] : [[profile.profileId, shared]]) };
}

/** When a person was verified on their devices; what was verified before that was noted counts as from the first. */
export function provenAtOf({ verifiedKeys, provenAt = {} }: Pick<Profile, 'verifiedKeys' | 'provenAt'>): Map<string, number> {
  const noted = new Map(Object.entries(provenAt).map(([stored, at]) => [decodeStoredKey(stored), at]));
  return new Map(verifiedKeys.map((key) => [key, noted.get(key) ?? 0]));
}

/** The ledger of a person with one more record; read before. */
export function withRecord({ ledger, profile }: PersonWork, record: ConsentRecord): ConsentHistory {
  const history = ledger ?? EMPTY_LEDGER;
  const owners = history.owners.has(record.identityKey) || history.shared.get(profile.profileId)?.includes(record.identityKey) === true || history.moves.some(({ key, from }) => key === record.identityKey && [profile.profileId, ...profile.mergedFrom].includes(from)) ? history.owners : new Map([...history.owners, [record.identityKey, profile.profileId]]);
  return { ...history, records: [...history.records, record], owners };
}

/** What stands of a person by their ledger, read before, as it is known now. */
export function stateOfLedger({ ledger = EMPTY_LEDGER, profile }: Pick<PersonWork, 'ledger' | 'profile'>): ConsentState {
  return foldLedger({ ...ledger, provenAt: provenAtOf(profile) }, profile.profileId);
}

/** Folds the ledger of a person, as it is known now, into their state. Gives whether it changed. `isParting`: see {@link takeState}. */
export function refold(person: PersonWork, isParting = false): boolean {
  return person.ledger === undefined ? false : takeState(person, stateOfLedger(person), isParting);
}

/** The state of one identity by itself, as if its person had been verified on it. */
export function stateOfKey(records: readonly ConsentRecord[], key: string): ConsentState {
  const own = records.filter(({ identityKey: of }) => of === key);
  return foldLedger({ records: own, joins: [], moves: [], owners: new Map([[key, key]]), shared: new Map(), provenAt: new Map([[key, 0]]) }, key);
}
