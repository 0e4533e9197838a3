import { runId } from '@firsthand/domain';
import { groupBy } from '../group-by.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { MembershipChange } from './move-segments.js';
import { keepsMembers, planDelivery } from './plan-delivery.js';

/** An audience to take a person out of, and the step that speaks for it. */
type Target = Pick<DeliveryRow, 'connectionId' | 'action' | 'purpose'> & { flowId: string; flowVersion: number; stepId: string };

/**
 * Who leaves a segment is taken out of every audience that they were put into over it; needs no consent. The rows that put them there tell which these
 * are: the flow may be paused by now, or be for another segment or destination, and the destination may be missing. A live flow on leaving the segment
 * takes out of its audiences in any case.
 */
export async function removeFromAudiences(tx: StoreTransaction, changes: readonly MembershipChange[], configuration: WorkspaceConfiguration, now: number): Promise<DeliveryRow[]> {
  const left = changes.filter(({ on }) => on === 'left');
  if (left.length === 0) return [];
  const rows = await tx.findAudienceRows(configuration.workspaceId, [...new Set(left.flatMap(idsOf))], [...new Set(left.map(({ segmentId }) => segmentId))]);
  const ofPerson = groupBy(rows, ({ profileId }) => profileId);
  return left.flatMap((change) => {
    const own = idsOf(change).flatMap((profileId) => ofPerson.get(profileId) ?? []).filter(({ segmentId }) => segmentId === change.segmentId);
    const targets = new Map([...explicitTargets(change, configuration), ...joined(own)].map((target) => [`${target.connectionId}|${target.action}`, target]));
    return [...targets.values()].map((target) => toRemoval(change, target, now));
  });
}

function idsOf({ person: { profile } }: MembershipChange): string[] {
  return [profile.profileId, ...profile.mergedFrom];
}

/** The audiences that the person may still be in: put there last, not taken out. */
function joined(rows: readonly DeliveryRow[]): Target[] {
  const last = new Map<string, DeliveryRow>();
  for (const row of rows.filter(isEffective).sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq)) last.set(`${row.connectionId}|${row.action}`, row);
  return [...last.values()].flatMap(({ operation, connectionId, action, purpose, flowId, flowVersion, stepId }) => (
    operation !== 'addMembers' || flowId === null || flowVersion === null || stepId === null ? [] : [{ connectionId, action, purpose, flowId, flowVersion, stepId }]));
}

/** A row that ended before its first try put nobody anywhere; a removal that failed took nobody out. */
function isEffective({ operation, state, attempt }: DeliveryRow): boolean {
  if (operation === 'removeMembers') return state === 'pending' || state === 'delivered';
  return attempt > 0 || (state !== 'blocked' && state !== 'cancelled');
}

function explicitTargets({ segmentId }: MembershipChange, configuration: WorkspaceConfiguration): Target[] {
  return configuration.flows.flatMap(({ compiled: { definition: { flowId, version, purpose, trigger, steps } } }) => {
    if (trigger.type !== 'segment' || trigger.segmentId !== segmentId || trigger.on === 'entered') return [];
    return steps.flatMap((step) => (step.type !== 'deliver' || keepsMembers(step, configuration) === false
      ? [] : [{ connectionId: step.connectionId, action: step.action, purpose: step.purpose ?? purpose, flowId, flowVersion: version, stepId: step.id }]));
  });
}

function toRemoval({ person, segmentId, changeId, event }: MembershipChange, { flowId, flowVersion, ...planned }: Target, now: number): DeliveryRow {
  const { workspaceId, profileId } = person.profile;
  // Apart from the run that a flow on leaving has of the same change.
  const id = `${workspaceId}|${runId({ workspaceId, flowId, flowVersion, profileId, occurrenceId: `${changeId}|removal` })}`;
  const run = { runId: id, flowId, flowVersion, eventId: event.eventId, segmentId };
  return planDelivery(person, run, planned, { operation: 'removeMembers', cause: 'segment-left' }, now);
}
