import { EVERY_PURPOSE, type SyncRule } from '@firsthand/domain';
import type { Occurrence } from '../flow/occurrence.js';
import { nextVersion, type PersonWork } from '../person/person-work.js';
import type { LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';

/**
 * The runs of sync rules that a transaction starts: one of each rule and person, whatever has happened to them in it, for what is written is the person as they are at the send. Besides what the rule's trigger waits for, that is
 * whatever has changed of people and starts nothing otherwise: released records, fields that a flow has set, merges and what ends one. To be equal is a state, not an activation.
 *
 * @param occurrences of the transaction
 * @example for (const { flow, occurrence } of syncStarts(people, occurrences, configuration)) book.start(flow, occurrence);
 */
export function syncStarts(people: readonly PersonWork[], occurrences: readonly Occurrence[], { syncs, flows }: Pick<WorkspaceConfiguration, 'syncs' | 'flows'>): { flow: LiveFlow; occurrence: Occurrence }[] {
  if (syncs === undefined) return [];
  return flows.flatMap((flow) => {
    const { definition: { flowId }, matches } = flow.compiled;
    const rule = syncs.ofFlow(flowId);
    if (rule === undefined) return [];
    return people.flatMap((person) => {
      const cause = occurrences.find((one) => one.person === person && (one.startsNone !== true || one.trigger.kind === 'consent') && matches(one.trigger));
      if (cause === undefined && !concerns(rule, person)) return [];
      // A decision that is found again, as after an unmerge, has the id of its first time; a version comes once.
      return [{ flow, occurrence: { person, occurrenceId: `${nextVersion(person)}|sync`, trigger: { kind: 'sync', flowId, isHistorical: false } as const, event: cause?.event ?? null } }];
    });
  });
}

/** Whether the person has another value of a field of the rule's now, is another person, or may be written to where they could not: a grant for any kind of recipient, or of what had restricted everything. */
function concerns({ fields, purpose }: SyncRule, { changedFields, changedPurposes, consents, joins }: PersonWork): boolean {
  const isGranted = (key: string): boolean => changedPurposes.has(key) && Object.values(consents[key] ?? {}).some((standing) => standing?.decision === 'granted' && standing.waitsFor === undefined);
  return joins.length > 0 || fields.some(({ field }) => changedFields.has(field.slice('profile.'.length))) || isGranted(purpose) || isGranted(EVERY_PURPOSE);
}
