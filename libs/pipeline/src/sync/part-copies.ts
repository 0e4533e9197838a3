import { doubtCopy, identityKey, saidOf, settleWrite, UNKNOWN_COPY, withoutOther, type JsonValue, type Profile, type SyncField } from '@firsthand/domain';
import { saltsOf } from '../deliver/salts-of.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { SyncStateRow } from '../ports/sync-states.js';
import type { StoreTransaction } from '../ports/store.js';
import { syncDigest } from './sync-digest.js';

/**
 * Of two who are told apart, gives the loser what is known of their copy where that was first written while both were one: it stands in a row of the winner, or of somebody merged into them before, under that one's salt, named by the loser's identities. What it holds is told
 * by the values that either had; else the echo of what we wrote would pass for the system's own word on them, and the one would come to have a value of the other. That a copy was deleted there goes with whom the system named.
 * The winner's row is left without the loser's names, and where it had any of these, with nothing known of what that copy holds: the last write may have gone to the other one.
 *
 * @param merged both as one, as they were just now
 * @param works the winner and the loser, as they are now
 */
export async function partCopies(tx: Pick<StoreTransaction, 'findSyncStates' | 'findSalts' | 'insertSalts' | 'writeSyncStates'>, merged: Profile, [winner, loser]: readonly [PersonWork, PersonWork], { syncs, workspaceId }: Pick<WorkspaceConfiguration, 'syncs' | 'workspaceId'>): Promise<void> {
  const connectionIds = [...new Set(syncs?.rules.map(({ connectionId }) => connectionId))];
  if (connectionIds.length === 0) return;
  const rows = await tx.findSyncStates(workspaceId, [winner, loser].flatMap(idsOf), connectionIds);
  if (rows.length === 0) return;
  const salts = new Map([...await tx.findSalts(workspaceId, rows.map(({ profileId }) => profileId)), ...await saltsOf(tx, workspaceId, [winner, loser])]);
  const saltOf = ({ profileId }: Pick<SyncStateRow, 'profileId'>): string => salts.get(profileId) ?? '';
  const to = saltOf(loser.profile);
  const namesOf = ({ profile }: PersonWork, names: readonly string[] = [], of: string, salt = of): string[] => profile.identities.filter(({ value }) => names.includes(syncDigest(of, value))).map(({ value }) => syncDigest(salt, value));
  const isNamed = (row: SyncStateRow, by: readonly string[] | undefined, person: PersonWork): boolean => namesOf(person, by, saltOf(row)).length > 0;
  const known = new Set(winner.profile.identities.map(identityKey));
  const theirs = loser.profile.identities.filter((one) => !known.has(identityKey(one)));
  const withoutTheirs = (row: SyncStateRow): SyncStateRow => {
    const names = new Set(theirs.map(({ value }) => syncDigest(saltOf(row), value)));
    return row.names.some((name) => names.has(name)) ? { ...doubtCopy(row), names: row.names.filter((name) => !names.has(name)) } : row;
  };
  // What is left is of the other, whom the system has named since.
  const withGone = (row: SyncStateRow, person: PersonWork): SyncStateRow => (
    row.gone !== undefined && isNamed(row, row.gone.names, person) && !isNamed(row, row.names, person) ? { workspaceId, connectionId: row.connectionId, profileId: row.profileId, ...UNKNOWN_COPY, deleted: row.gone } : row);
  // An erase that was sent while they were one, and did not name the person, was none of theirs.
  const withErases = (row: SyncStateRow, person: PersonWork): SyncStateRow => (row.erases?.names === undefined || isNamed(row, row.erases.names, person) ? row : { ...row, erases: { ...row.erases, untold: 0 } });
  const own = (given: SyncStateRow): SyncStateRow => {
    const row = withErases(given, winner);
    const left = withGone(row, winner);
    if (left !== row) return left;
    const single = withoutOther(withoutTheirs(row));
    const names = row.other === undefined || single.names.length > 0 ? [] : namesOf(winner, row.other.names, saltOf(row));
    return row.other === undefined || names.length === 0 ? single : { ...single, names, namedAt: row.other.saidAt };
  };
  const losers = rows.filter(({ profileId }) => idsOf(loser).includes(profileId));
  // One that is called as the loser comes before one that was beside such a one, or one of theirs that is gone, and all before what may be of either.
  const claimOf = (row: SyncStateRow): number => [undefined, [...row.deleted?.names ?? [], ...row.gone?.names ?? []], row.other?.names, row.names].findLastIndex((names) => isNamed(row, names, loser));
  const winners = rows.filter((row) => !losers.includes(row)).sort((one, other) => claimOf(other) - claimOf(one));
  // The winner's, as the system named it beside the loser's, or deleted it, where no row of the winner is known.
  const besideOf = (row: SyncStateRow): SyncStateRow[] => {
    const place = { workspaceId, connectionId: row.connectionId, profileId: winner.profile.profileId, ...UNKNOWN_COPY };
    const namedIn = (one: SyncStateRow['gone'] | SyncStateRow['other']): string[] => namesOf(winner, one?.names, saltOf(row), saltOf(winner.profile));
    if (winners.some(({ connectionId }) => connectionId === row.connectionId)) return [];
    if (row.other !== undefined && namedIn(row.other).length > 0) return [{ ...place, names: namedIn(row.other), namedAt: row.other.saidAt }];
    return row.gone !== undefined && namedIn(row.gone).length > 0 ? [{ ...place, deleted: { ...row.gone, names: namedIn(row.gone) } }] : [];
  };
  const parted = winners.flatMap((row): SyncStateRow[] => {
    const from = saltOf(row);
    if (losers.some(({ connectionId }) => connectionId === row.connectionId)) return [own(row)];
    const place = { workspaceId, connectionId: row.connectionId, profileId: loser.profile.profileId };
    const [{ deleted, ...present }, { gone, ...single }] = [row, row];
    const ofLosers = [deleted, gone].find((one) => isNamed(row, one?.names, loser));
    const { erases } = withErases(row, loser);
    const erased = { ...(row.forgottenAt === undefined ? {} : { forgottenAt: row.forgottenAt }), ...(erases === undefined ? {} : { erases: { ...erases, ...(erases.names === undefined ? {} : { names: namesOf(loser, erases.names, from, to) }) } }) };
    if (ofLosers !== undefined) return [{ ...place, ...UNKNOWN_COPY, ...erased, deleted: { ...ofLosers, names: namesOf(loser, ofLosers.names, from, to) } }, own(ofLosers === gone ? single : isNamed(row, deleted?.names, winner) ? row : present)];
    if (deleted !== undefined) return [own(row)];
    const names = namesOf(loser, row.names, from, to);
    // The other of two, as the system named it.
    const named = names.length === 0 && row.other !== undefined && isNamed(row, row.other.names, loser) ? { names: namesOf(loser, row.other.names, from, to), namedAt: row.other.saidAt } : undefined;
    // Of whom of both the system was made to forget what, or had deleted whom, is not known: what it tells late may be of either.
    const isTheirs = names.length > 0 || row.forgottenAt !== undefined;
    if (!isTheirs && row.since === undefined && named === undefined) return [own(row)];
    const fields = Object.entries(isTheirs ? row.fields : {}).map(([key, field]) => [key, underSalt(field, new Map(valuesOf(key, [merged, winner.profile, loser.profile]).map((value) => [syncDigest(from, value), syncDigest(to, value)])))] as const);
    return [{ ...place, names, fields: Object.fromEntries(fields), ...(row.since === undefined ? {} : { since: row.since }), ...(isTheirs && row.namedAt !== undefined ? { namedAt: row.namedAt } : {}), ...erased, ...named }, own(row)];
  });
  const first = parted.filter((row, index) => parted.findIndex(({ connectionId, profileId }) => connectionId === row.connectionId && profileId === row.profileId) === index);
  await tx.writeSyncStates([...first, ...losers.flatMap((row) => [withoutOther(withGone(withErases(row, loser), loser)), ...besideOf(row)])].filter((row) => !rows.includes(row)));
}

/** What any of them has, or could have, in a field; and nothing. */
function valuesOf(key: string, profiles: readonly Profile[]): (JsonValue | undefined)[] {
  return [undefined, ...profiles.flatMap((profile) => saidOf(profile, key).map(({ value }) => value))];
}

/** What is on its way was sent for both: its answer is noted at the winner's row alone. */
function underSalt(field: SyncField, digests: ReadonlyMap<string, string>): SyncField {
  const { held, turns, writes, said, former } = field.pending === undefined ? field : settleWrite(field, field.pending.deliveryId, 'unclear');
  const known = <T extends { digest: string }>(list: readonly T[]): T[] => list.flatMap((one) => { const digest = digests.get(one.digest); return digest === undefined ? [] : [{ ...one, digest }]; });
  const last = said === undefined ? undefined : digests.get(said.digest);
  return {
    held: held === null ? null : digests.get(held) ?? null,
    turns: known(turns),
    ...(writes === undefined ? {} : { writes: known(writes) }),
    ...(said === undefined || last === undefined ? {} : { said: { digest: last, at: said.at } }),
    ...(former === undefined ? {} : { former: { digests: former.digests.flatMap((digest) => digests.get(digest) ?? []), at: former.at } }),
  };
}
