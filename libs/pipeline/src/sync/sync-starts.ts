import { EVERY_PURPOSE, ruleIdOf, type SyncRule } from '@firsthand/domain';
import type { Occurrence } from '../flow/occurrence.js';
import { isIn } from '../person/move-segments.js';
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
    const { definition: { flowId, purpose, trigger }, matches } = flow.compiled;
    const rule = syncs.ofFlow(flowId);
    if (rule === undefined) return trigger.type === 'segment' && ruleIdOf(flowId) !== undefined ? againOnLists(people, flow, { segmentId: trigger.segmentId, purpose }) : [];
    return people.flatMap((person) => {
      const cause = occurrences.find((one) => one.person === person && (one.startsNone !== true || one.trigger.kind === 'consent') && matches(one.trigger));
      if (cause === undefined && !concerns(rule, person)) return [];
      // A decision that is found again, as after an unmerge, has the id of its first time; a version comes once.
      return [{ flow, occurrence: { person, occurrenceId: `${nextVersion(person)}|sync`, trigger: { kind: 'sync', flowId, isHistorical: false } as const, event: cause?.event ?? null } }];
    });
  });
}

/** Those who are in the segment of a rule's membership already, and may be written to from now on: entering it, they could not be. */
function againOnLists(people: readonly PersonWork[], flow: LiveFlow, { segmentId, purpose }: { segmentId: string; purpose: string }): { flow: LiveFlow; occurrence: Occurrence }[] {
  const granted = people.filter((person) => isIn(person, segmentId) && mayBeGranted(purpose, person) && !person.membershipChanges.some((change) => change.segmentId === segmentId));
  return granted.map((person) => ({ flow, occurrence: { person, occurrenceId: `${nextVersion(person)}|sync`, trigger: { kind: 'segment', segmentId, on: 'entered', isHistorical: false } as const, event: null } }));
}

/** Whether the person has another value of a field of the rule's now, is another person, or may be written to where they could not. */
function concerns({ fields, purpose }: SyncRule, person: PersonWork): boolean {
  return person.joins.length > 0 || fields.some(({ field }) => person.changedFields.has(field.slice('profile.'.length))) || mayBeGranted(purpose, person);
}

/** Whether this transaction has brought a grant for any kind of recipient, or of what had restricted everything. */
function mayBeGranted(purpose: string, { changedPurposes, consents }: PersonWork): boolean {
  return [purpose, EVERY_PURPOSE].some((key) => changedPurposes.has(key) && Object.values(consents[key] ?? {}).some((standing) => standing?.decision === 'granted' && standing.waitsFor === undefined));
}
