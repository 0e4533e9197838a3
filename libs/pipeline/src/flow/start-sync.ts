import { loadPeople } from '../person/load-people.js';
import { LedgerCounts, newWorkOutput } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { TriggerFlowOptions } from './trigger-flow.js';

/** A rule that is to write for one person, as what its system holds is known to differ, or may do so. */
export interface SyncCall {
  workspaceId: string;
  flowId: string;
  profileId: string;
  /** The same again starts nothing anew. */
  occurrenceId: string;
}

/**
 * Starts the flow of a sync rule for one person, in one transaction. Who is gone, or a rule that is paused, starts nothing.
 *
 * @returns whether the person is there
 * @example await startSync({ workspaceId, flowId: 'sync.crm', profileId, occurrenceId: `released|${now}` }, options)
 */
export async function startSync({ workspaceId, flowId, profileId, occurrenceId }: SyncCall, { store, doorbell, configuration: source, clock }: TriggerFlowOptions): Promise<boolean> {
  const configuration = source.workspace(workspaceId);
  const lanes = await store.transaction(async (tx) => {
    const now = clock();
    const person = (await loadPeople(tx, configuration, [profileId], now)).get(profileId);
    if (person === undefined) return null;
    const occurrence = { person, occurrenceId, trigger: { kind: 'sync', flowId, isHistorical: false } as const, event: null };
    return writePeople(tx, { configuration, people: [person], occurrences: [occurrence], consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now });
  });
  for (const connectionId of lanes ?? []) doorbell.ringLane({ workspaceId, connectionId });
  return lanes !== null;
}
