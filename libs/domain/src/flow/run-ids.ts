import { stableId } from '../profile/stable-id.js';

/**
 * The id of a run: one per flow version, person and occurrence, however often it is tried.
 *
 * @param run `occurrenceId` is the event id, the membership change id, the consent record's, the time of a schedule, or for a profile change the profile version.
 * @example runId({ workspaceId, flowId, flowVersion: 3, profileId, occurrenceId: eventId })
 */
export function runId(run: { workspaceId: string; flowId: string; flowVersion: number; profileId: string; occurrenceId: string | number }): string {
  return stableId(run.workspaceId, 'run', run.flowId, run.flowVersion, run.profileId, run.occurrenceId);
}

/**
 * The id of a delivery, which is also its idempotency key: one per run, step and destination.
 *
 * @example deliveryId({ workspaceId, flowId, flowVersion: 3, stepId: 'to-crm', runId: id, connectionId })
 */
export function deliveryId(delivery: { workspaceId: string; flowId: string; flowVersion: number; stepId: string; runId: string; connectionId: string }): string {
  return stableId(delivery.workspaceId, 'delivery', delivery.flowId, delivery.flowVersion, delivery.stepId, delivery.runId, delivery.connectionId);
}

/**
 * The id under which re-entry is judged: one per flow (of whatever version), person and key.
 *
 * @example flowEntryId({ workspaceId, flowId, profileId, key: null })
 */
export function flowEntryId(entry: { workspaceId: string; flowId: string; profileId: string; key: string | null }): string {
  return stableId(entry.workspaceId, 'flow-entry', entry.flowId, entry.profileId, ...(entry.key === null ? [] : [entry.key]));
}
