import { identityKey, isSameJson, unmergeProfiles, type JsonObject, type Profile, type ProfileField } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { JournalCopy, MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';

/** How two who were one are told apart in what was kept of them. */
export interface PartJournalContext {
  /** Whether an identity, by its key, is of those merged away. */
  isLosers(key: string): boolean;
  /** Who became one with the winner since, as they were. */
  since: readonly Profile[];
  /** Which fields of a profile came to those merged away since. */
  cameToLoser(profile: Profile): Promise<ReadonlySet<ProfileField>>;
  ownerRank: WorkspaceConfiguration['ownerRank'];
  /** There was no merge: identities that came to the winner, or to any who were merged into them, leave. */
  isSplit?: boolean;
}

/**
 * Takes two who are told apart apart in what the journal keeps of them from while they were one (a third was merged into them then, or an identity was moved): it would come back when that merge is taken back, and outlive an erasure. Each copy is the winner's
 * from then on, or the loser's where an identity of theirs was moved.
 *
 * @param undone the merge that is taken back
 * @param both the two as one: an identity may have been moved from any who were merged into them
 */
export async function partJournal(tx: StoreTransaction, undone: MergeRow, both: Pick<Profile, 'mergedFrom'>, { since, isLosers, cameToLoser, ownerRank, isSplit }: PartJournalContext): Promise<void> {
  const { mergeId, workspaceId, winner, before } = undone;
  const losers = [undone.loser, ...before.loser.mergedFrom];
  const partOf = async (profile: Profile, copy: JournalCopy): Promise<Profile> => {
    const wereOne = isSplit === true ? profile.identities.some((identity) => isLosers(identityKey(identity))) : profile.profileId === winner && profile.mergedFrom.includes(undone.loser);
    if (!wereOne) return profile;
    const theirs = await cameToLoser(profile);
    return unmergeProfiles(profile, { before, since, isLosers, cameToLoser: (field) => theirs.has(field), ownerRank })[losers.includes(copy.loser) ? 'loser' : 'winner'];
  };
  const copies = (await tx.findCopies(workspaceId, [winner, ...both.mergedFrom])).filter(({ copyId }) => copyId !== mergeId);
  const parted: JournalCopy[] = [];
  for (const copy of copies) parted.push({ ...copy, before: { ...(copy.before.winner === undefined ? {} : { winner: await partOf(copy.before.winner, copy) }), loser: await partOf(copy.before.loser, copy) } });
  await tx.writeCopies(workspaceId, parted.filter(({ before: after }, index) => !isSameJson(after as unknown as JsonObject, copies[index]?.before as unknown as JsonObject)));
}
