import { BUILT_IN_IDENTITY_RULES, identityKey, newProfile, stableId, type Identity } from '@firsthand/domain';
import type { MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { takeApart, writeParted, type PartContext } from './unmerge-person.js';

/**
 * Takes identities off a person to a profile of their own, within the transaction of its caller, as {@link unmergeWithin} does where no merge brought them: each has what names them, what was refused under these counts for both. The journal keeps who had each of them. Gives the profile, and the lanes to ring.
 *
 * @param identities some of the person's, and not all
 */
export async function splitWithin(tx: StoreTransaction, profileId: string, identities: readonly Identity[], { newId, ...context }: PartContext & { newId(): string }): Promise<{ profileId: string; lanes: string[] }> {
  const { configuration, now } = context;
  const { workspaceId, identityRules: rules = BUILT_IN_IDENTITY_RULES } = configuration;
  const current = (await tx.findProfiles(workspaceId, [profileId])).get(profileId) as MergeRow['before']['winner'];
  const keys = identities.map(identityKey);
  const owners = await tx.findIdentities(workspaceId, keys);
  const loser = newId();
  const bare = (id: string, own: readonly Identity[]): MergeRow['before']['winner'] => ({ ...newProfile({ workspaceId, profileId: id, subjectKey: newId(), seenAt: current.lastSeenAt, now }), identities: [...own] });
  // What is shared is told by events: nobody had it before.
  const left = current.identities.filter((one) => !keys.includes(identityKey(one)) && !rules.isShared(one.namespace));
  const row: MergeRow = {
    mergeId: `${workspaceId}|${stableId(workspaceId, 'split', profileId, loser)}`, workspaceId, winner: current.profileId, loser, at: now, causeEventId: null, before: { winner: bare(current.profileId, left), loser: bare(loser, identities) },
  };
  await tx.moveIdentities(keys.map((key) => ({
    moveId: `${workspaceId}|${stableId(workspaceId, 'move', key, loser)}`, workspaceId, identityKey: key, from: owners.get(key) ?? current.profileId, to: loser, at: now, causeEventId: null, before: structuredClone(current),
  })));
  const parted = await takeApart(tx, row, current, configuration, { isSplit: true });
  return { profileId: loser, lanes: await writeParted(tx, row, current, { ...parted, from: [current.profileId, ...current.mergedFrom] }, context) };
}
