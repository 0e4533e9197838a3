import { DEFAULT_SYNC_MODE, removesWhoLeaves, runId, type FlowStep } from '@firsthand/domain';
import { groupBy } from '../group-by.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { MembershipChange } from './move-segments.js';
import { keepsMembers, planDelivery } from './plan-delivery.js';

/** An audience to take a person out of, the step that speaks for it, and the segment that it was about. */
type Target = Pick<DeliveryRow, 'connectionId' | 'action' | 'purpose' | 'segmentId'> & { flowId: string; flowVersion: number; stepId: string };

/**
 * Who leaves a segment is taken out of every audience that a step put them into over it, or is about to; needs no consent. What recipients have confirmed tells which
 * these are: the flow may be paused by now, or be for another segment or destination, and the destination may be missing. A flow on leaving the segment takes
 * out of its audiences whoever put them in, also while it is paused: nobody comes to it for that later. Steps that do not mirror take nobody out.
 */
export async function removeFromAudiences(tx: StoreTransaction, changes: readonly MembershipChange[], configuration: WorkspaceConfiguration, now: number): Promise<DeliveryRow[]> {
  const left = changes.filter(({ on }) => on === 'left');
  if (left.length === 0) return [];
  const { workspaceId } = configuration;
  const everybody = [...new Set(left.flatMap(idsOf))];
  const held = groupBy((await tx.findAudienceMembers(workspaceId, everybody)).flatMap(({ connectionId, action, profileId, sets }) => sets.flatMap(({ holders }) => (
    holders.map((holder) => ({ connectionId, action, profileId, ...holder }))))), ({ profileId }) => profileId);
  const pending = groupBy((await tx.findPendingAdditions(workspaceId, everybody, [...new Set(left.map(({ segmentId }) => segmentId))])).flatMap(toTarget), ({ profileId }) => profileId);
  return left.flatMap((change) => {
    const explicit = explicitTargets(change, configuration);
    const own = idsOf(change).flatMap((profileId) => [...(held.get(profileId) ?? []), ...(pending.get(profileId) ?? [])])
      .filter((target) => target.segmentId === change.segmentId && mirrors(target, configuration) && !explicit.some((other) => isSameAudience(target, other)));
    return [...new Map([...explicit, ...own].map((target) => [keyOf(target), target])).values()].map((target) => toRemoval(change, target, now));
  });
}

function idsOf({ person: { profile } }: MembershipChange): string[] {
  return [profile.profileId, ...profile.mergedFrom];
}

function isSameAudience(one: Target, other: Target): boolean {
  return one.connectionId === other.connectionId && one.action === other.action;
}

/** One removal of a step is enough, in whatever versions it put the person in. */
function keyOf({ connectionId, action, flowId, stepId }: Target): string {
  return JSON.stringify([connectionId, action, flowId, stepId]);
}

function toTarget({ profileId, connectionId, action, purpose, flowId, flowVersion, stepId, segmentId }: DeliveryRow): (Target & { profileId: string })[] {
  return flowId === null || flowVersion === null || stepId === null ? [] : [{ profileId, connectionId, action, purpose, flowId, flowVersion, stepId, segmentId }];
}

/** A version that is missing may have said so. */
function mirrors({ flowId, flowVersion, stepId }: Target, configuration: WorkspaceConfiguration): boolean {
  const step = configuration.flow(flowId, flowVersion)?.compiled.definition.steps.find(({ id }) => id === stepId);
  return step === undefined || isMirror(step);
}

function isMirror(step: FlowStep): boolean {
  return step.type === 'deliver' && removesWhoLeaves(step.sync ?? DEFAULT_SYNC_MODE);
}

function explicitTargets({ segmentId }: MembershipChange, configuration: WorkspaceConfiguration): Target[] {
  const paused = [...(configuration.pausedFlows?.values() ?? [])].flatMap((flow) => flow ?? []);
  return [...configuration.flows, ...paused].flatMap(({ compiled: { definition: { flowId, version, purpose, trigger, steps } } }) => {
    if (trigger.type !== 'segment' || trigger.segmentId !== segmentId || trigger.on === 'entered') return [];
    return steps.flatMap((step) => (step.type !== 'deliver' || !isMirror(step) || keepsMembers(step, configuration) === false
      ? [] : [{ connectionId: step.connectionId, action: step.action, purpose: step.purpose ?? purpose, flowId, flowVersion: version, stepId: step.id, segmentId }]));
  });
}

function toRemoval({ person, changeId, event }: MembershipChange, { flowId, flowVersion, segmentId, ...planned }: Target, now: number): DeliveryRow {
  const { workspaceId, profileId } = person.profile;
  // Apart from the run that a flow on leaving has of the same change.
  const id = `${workspaceId}|${runId({ workspaceId, flowId, flowVersion, profileId, occurrenceId: `${changeId}|removal` })}`;
  const run = { runId: id, flowId, flowVersion, eventId: event.eventId, segmentId };
  return planDelivery(person, run, planned, { operation: 'removeMembers', cause: 'segment-left' }, now);
}
