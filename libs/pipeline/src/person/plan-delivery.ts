import { deliveryId, type PlannedDelivery } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryOperation, DeliveryRow, RunRow } from '../ports/rows.js';
import { nextPlace, type PersonWork } from './person-work.js';

/** What a delivery row tells of the run that it comes from. */
export type RunIdentity = Pick<RunRow, 'runId' | 'flowId' | 'flowVersion' | 'eventId' | 'segmentId'>;

/** A new delivery of a person, next in their order. */
export function planDelivery(
  person: PersonWork,
  run: RunIdentity,
  planned: Pick<PlannedDelivery, 'stepId' | 'connectionId' | 'action' | 'purpose'>,
  { operation, cause, hasWaited = false }: { operation: DeliveryOperation; cause: string | null; hasWaited?: boolean },
  now: number,
): DeliveryRow {
  const { workspaceId, profileId } = person.profile;
  const { runId, flowId, flowVersion, eventId, segmentId } = run;
  const { stepId, connectionId, action, purpose } = planned;
  const { seq, createdAt } = nextPlace(person, now);
  person.isTouched = true;
  const isPast = person.touchedBy === 'historical' || person.touchedBy === 'released';
  return {
    deliveryId: `${workspaceId}|${deliveryId({ workspaceId, flowId, flowVersion, stepId, runId, connectionId })}`,
    workspaceId, connectionId, action, operation, class: operation === 'removeMembers' ? 'suppression' : 'data', profileId, seq, purpose,
    flowId, flowVersion, stepId, runId, eventId, segmentId, cause, createdAt, dueAt: now, attempt: 0, state: 'pending', reason: null,
    ...(hasWaited ? { timing: 'waited' as const } : isPast ? { timing: 'past' as const } : {}),
  };
}

/** Whether a destination's action keeps members; undefined as long as the configuration has it not (its secrets or its plugin may be lost). */
export function keepsMembers({ connectionId, action }: Pick<PlannedDelivery, 'connectionId' | 'action'>, { destinations }: Pick<WorkspaceConfiguration, 'destinations'>): boolean | undefined {
  const destination = destinations.get(connectionId)?.destinations[action];
  return destination === undefined ? undefined : destination.accepts === 'membership';
}

/**
 * What a data delivery does: a destination that keeps members is given one. Of a destination that is missing the stricter is taken, for a member can be
 * taken out again by the row; its lane puts that right when it knows.
 */
export function operationOf(planned: Pick<PlannedDelivery, 'connectionId' | 'action' | 'asks'>, configuration: Pick<WorkspaceConfiguration, 'destinations'>): DeliveryOperation {
  if (planned.asks === true) return 'ask';
  return keepsMembers(planned, configuration) === false ? 'send' : 'addMembers';
}
