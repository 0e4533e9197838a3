import { decodeStoredKey, mergeProfiles, stableId, type ConsentState, type Profile } from '@firsthand/domain';
import { noteRefusal } from '../consent/note-refusal.js';
import { readLedgers, refold } from '../consent/person-ledger.js';
import type { ChangeCause } from '../changes/change-cause.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { PersonWork } from './person-work.js';

/** Two stored people who turned out to be one. */
export interface PeopleMerge {
  winner: string;
  loser: string;
  /** The event that says so. */
  causeEventId: string | null;
  cause: ChangeCause;
}

/**
 * Makes one of people who turned out to be one: all that either has is the winner's, the loser's id leads to them, and the journal keeps both as they were, so that it can be taken back. The losers leave `works`.
 * {@link refoldMerged} is to follow, once the identities are where they belong.
 */
export async function mergePeople(
  tx: StoreTransaction, works: Map<string, PersonWork>, merges: readonly PeopleMerge[], { configuration, now }: { configuration: Pick<WorkspaceConfiguration, 'workspaceId' | 'ownerRank' | 'matching'>; now: number },
): Promise<void> {
  const rows: MergeRow[] = [];
  const { workspaceId } = configuration;
  for (const { winner, loser, causeEventId, cause } of merges) {
    const winning = works.get(winner);
    const losing = works.get(loser);
    if (winning === undefined || losing === undefined) continue;
    rows.push({
      mergeId: `${workspaceId}|${stableId(workspaceId, 'merge', winner, loser, losing.profile.version)}`, workspaceId, winner, loser, at: now,
      causeEventId, before: { winner: winning.profile, loser: losing.profile },
    });
    // What was sent of one who had not decided is taken back if the other had refused: on an interest of the brand it went without a yes. Of whom nothing was sent there is nothing.
    const statesOf = ({ mergedConsents, consents, profile: { seq } }: PersonWork): ConsentState[] => (mergedConsents ?? [consents]).filter((state) => seq > 0 || Object.keys(state).length > 0);
    const states = [...statesOf(winning), ...statesOf(losing)];
    const { fields, memberships } = winning.profile;
    const version = Math.max(winning.storedVersion, losing.storedVersion) + 1;
    winning.profile = mergeProfiles(winning.profile, losing.profile, { now, version, ownerRank: configuration.ownerRank });
    winning.storedVersion = version - 1;
    winning.joins.push(...losing.joins, { act: 'merged', other: loser, fields: broughtFields(fields, winning.profile.fields), memberships: broughtMemberships(memberships, winning.profile.memberships), cause });
    winning.causes.push(...losing.causes);
    if (states.some((state) => Object.keys(state).length > 0)) winning.mergedConsents = states;
    // What was refused of the other, and not written of them yet, is taken back of both.
    for (const [purpose, scopes] of losing.refused) for (const scope of scopes) noteRefusal(winning, purpose, scope);
    delete winning.ledger;
    winning.isTouched = true;
    works.delete(loser);
  }
  if (rows.length === 0) return;
  await tx.insertMerges(rows);
  await tx.writeProfiles({ inserted: [], updated: [], deleted: rows.map(({ loser }) => ({ workspaceId, profileId: loser })) });
  // Where matching is off nothing waits.
  if (configuration.matching !== undefined) await tx.outdateMatches(workspaceId, rows.map(({ loser }) => loser), { states: ['open'], at: now });
}

/** The names of the fields that are another's from now on. */
function broughtFields(before: Profile['fields'], after: Profile['fields']): string[] {
  return Object.keys(after).filter((key) => before[key]?.origin !== after[key]?.origin || before[key]?.at !== after[key]?.at).map(decodeStoredKey);
}

/** Where they are, or are not any more, by another's. */
function broughtMemberships(before: Profile['memberships'], after: Profile['memberships']): PersonWork['joins'][number]['memberships'] {
  return Object.entries(after).flatMap(([segmentId, { isMember }]) => ((before[segmentId]?.isMember ?? false) === isMember ? [] : [{ segmentId, isMember }]));
}

/** What one had agreed to and the other refused was given to recipients, and is taken back. */
export async function refoldMerged(tx: StoreTransaction, workspaceId: string, people: readonly PersonWork[]): Promise<void> {
  const merged = [...new Set(people)].filter(({ mergedConsents }) => mergedConsents !== undefined);
  await readLedgers(tx, workspaceId, merged);
  for (const person of merged) refold(person);
}
