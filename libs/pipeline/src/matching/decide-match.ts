import { FirsthandError } from '@firsthand/domain';
import { causeOf } from '../changes/change-cause.js';
import { isBefore } from '../person/decide-identity-link.js';
import { loadPeople } from '../person/load-people.js';
import { mergePeople, refoldMerged } from '../person/merge-people.js';
import { LedgerCounts, newWorkOutput } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { Clock, ConfigurationSource, Doorbell, Store } from '../ports/index.js';
import type { MatchSuggestionRow } from './match-rows.js';

export interface DecideMatchOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
}

/** A decision on two profiles that were suggested to be one person's. */
export interface MatchDecision {
  workspaceId: string;
  /** As in {@link MatchSuggestionRow}. */
  suggestionId: string;
  decision: 'accepted' | 'rejected';
}

/**
 * Decides on a suggestion, in one transaction. Accepted, both are one person from now on, by the same path and with the same journal as any merge, so that it can be taken back. Rejected, the two are not suggested
 * again; a verified record that names both still joins them. The same decision once more changes nothing.
 *
 * @throws FirsthandError `NOT_FOUND`; `SUGGESTION_DECIDED` when it was decided otherwise; `SUGGESTION_OUTDATED` when one of both is somebody else by now
 * @example await decideMatch({ workspaceId, suggestionId, decision: 'accepted' }, options);
 */
export async function decideMatch({ workspaceId, suggestionId, decision }: MatchDecision, { store, doorbell, configuration: source, clock }: DecideMatchOptions): Promise<MatchSuggestionRow> {
  const { row, lanes } = await store.transaction(async (tx) => {
    const now = clock();
    const configuration = source.workspace(workspaceId);
    const found = await tx.findMatch(suggestionId);
    if (found === undefined || found.workspaceId !== workspaceId) throw new FirsthandError('NOT_FOUND');
    if (found.state === decision) return { row: found, lanes: [] };
    if (found.state === 'outdated') throw new FirsthandError('SUGGESTION_OUTDATED');
    if (found.state !== 'open') throw new FirsthandError('SUGGESTION_DECIDED', `It was ${found.state}.`);
    const decided: MatchSuggestionRow = { ...found, state: decision, decidedAt: now };
    if (decision === 'rejected') {
      await tx.writeMatch(decided);
      return { row: decided, lanes: [] };
    }
    const people = await loadPeople(tx, configuration, found.profileIds, now);
    const [one, other] = found.profileIds.map((id) => people.get(id));
    // An id that leads to somebody else is of one who was merged away.
    if (one === undefined || other === undefined || one.profile.profileId !== found.profileIds[0] || other.profile.profileId !== found.profileIds[1]) throw new FirsthandError('SUGGESTION_OUTDATED');
    const [winner, loser] = isBefore(one, other) ? [one, other] : [other, one];
    await mergePeople(tx, new Map([winner, loser].map((work) => [work.profile.profileId, work])), [{ winner: winner.profile.profileId, loser: loser.profile.profileId, causeEventId: null, cause: causeOf('admin') }], { configuration, now });
    await refoldMerged(tx, workspaceId, [winner]);
    // After the merge, which outdates what else was suggested of them.
    await tx.writeMatch(decided);
    return { row: decided, lanes: await writePeople(tx, { configuration, people: [winner], occurrences: [], consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now }) };
  });
  for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  return row;
}
