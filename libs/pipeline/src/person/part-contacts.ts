import { encodeStoredKey, identityKey, parseIdentityKey, standsFor, UNKNOWN_COPY, type PartedThere, type Profile } from '@firsthand/domain';
import type { Tombstones } from '../erasure/erasure.js';
import { accountsOf, ownIdsOfDestination } from '../own-ids.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { idsOf, type PersonWork } from './person-work.js';

/**
 * Of two who are told apart, what stands for the ids that a system has merged is new, and either's: gives it to the one whose record the system has kept. That is the one whose address comes first where the system names it, as the
 * record's own; where no event says so, it stays with whom it came to.
 *
 * @param keys the loser's own, changed in place
 */
export async function giveContacts(tx: Pick<StoreTransaction, 'findEventsNaming' | 'shareIdentities'>, { workspaceId, winner, loser, before }: MergeRow, merged: Profile, keys: Set<string>): Promise<void> {
  const [ofWinner, ofLoser] = [before.winner, before.loser].map(({ identities }) => new Set(identities.map(identityKey)));
  const isWinners = (key: string): boolean => ofWinner?.has(key) === true && ofLoser?.has(key) !== true;
  const isLosers = (key: string): boolean => ofLoser?.has(key) === true && ofWinner?.has(key) !== true;
  const known = new Set(merged.identities.map(identityKey));
  const contacts = new Set(Object.keys(merged.mergedIds ?? {}).map((stored) => standsFor(merged, merged.mergedIds?.[stored] ?? '')).filter((key) => known.has(key) && !isWinners(key) && !isLosers(key)));
  for (const contact of contacts) {
    const { namespace } = parseIdentityKey(contact);
    const events = (await tx.findEventsNaming(workspaceId, merged.profileId, [parseIdentityKey(contact)])).map(({ identities }) => identities);
    const says = events.find((named) => [isWinners, isLosers].every((isOf) => named.some((one) => one.namespace === namespace && isOf(identityKey(one)))));
    const first = says?.find((one) => one.namespace !== namespace && (isWinners(identityKey(one)) || isLosers(identityKey(one))));
    if (first === undefined || isLosers(identityKey(first)) === keys.has(contact)) continue;
    if (keys.has(contact)) keys.delete(contact);
    else keys.add(contact);
    await tx.shareIdentities(workspaceId, new Map([[contact, keys.has(contact) ? loser : winner]]));
  }
}

/**
 * Notes on two who are told apart where a system has merged what it held of both: it holds one record, which is one's of them. What it says of that is from now on this one's alone, and nothing is written there of the other. What was known of the other's
 * copy there is no more.
 *
 * @param merged both as one, as they were just now
 * @param works the winner and the loser, as they are now; changed in place
 */
export async function partContacts(
  tx: Pick<StoreTransaction, 'findSyncStates' | 'writeSyncStates'>, merged: Profile, works: readonly [PersonWork, PersonWork], { configuration, tombstones, mergeId, now }: { configuration: WorkspaceConfiguration; tombstones: Pick<Tombstones, 'digest'>; mergeId: string; now: number },
): Promise<void> {
  if (merged.mergedIds === undefined) return;
  const { workspaceId, destinations, identityRules, syncs } = configuration;
  const [winner, loser] = works;
  for (const [person, holder] of [[winner, loser], [loser, winner]] as const) {
    const own = person.profile.identities.map(identityKey);
    const theirs = new Set(holder.profile.identities.map(identityKey));
    for (const isOwnId of accountsOf(configuration)) {
      const contact = own.filter((key) => isOwnId(parseIdentityKey(key)) && merged.mergedIds?.[encodeStoredKey(key)] !== undefined).map((key) => ({ key, into: standsFor(merged, key) })).find(({ into }) => theirs.has(into) && !own.includes(into));
      if (contact === undefined) continue;
      const isNew = note(person, { mergeId, id: contact.key, at: now, own: own.filter((key) => !theirs.has(key)) });
      if (isNew) note(holder, { mergeId, id: contact.into, at: now, strangers: own.filter((key) => !theirs.has(key)).map((key) => tombstones.digest(workspaceId, key)).sort() });
      const written = new Set(syncs?.rules.map(({ connectionId }) => connectionId));
      const connectionIds = [...destinations.values()].filter((one) => written.has(one.connectionId) && ownIdsOfDestination(one, identityRules)?.(parseIdentityKey(contact.key)) === true).map(({ connectionId }) => connectionId);
      if (isNew && connectionIds.length > 0) await endCopies(tx, person, connectionIds, now);
    }
  }
}

/** As of one that was deleted there: what the system names by a record of the person's own is written anew. */
async function endCopies(tx: Pick<StoreTransaction, 'findSyncStates' | 'writeSyncStates'>, person: PersonWork, connectionIds: readonly string[], now: number): Promise<void> {
  const { workspaceId, profileId: own } = person.profile;
  const known = await tx.findSyncStates(workspaceId, idsOf(person), connectionIds);
  await tx.writeSyncStates([
    ...known.filter(({ profileId }) => profileId !== own).map(({ connectionId, profileId }) => ({ workspaceId, connectionId, profileId, ...UNKNOWN_COPY })),
    ...connectionIds.map((connectionId) => ({ workspaceId, connectionId, profileId: own, ...UNKNOWN_COPY, deleted: { saidAt: now, at: now, names: [] } })),
  ]);
}

function note({ profile }: PersonWork, entry: PartedThere): boolean {
  const isKnown = profile.parted?.some(({ mergeId, id, own }) => mergeId === entry.mergeId && id === entry.id && (own === undefined) === (entry.own === undefined)) === true;
  if (!isKnown) profile.parted = [...(profile.parted ?? []), entry];
  return !isKnown;
}
