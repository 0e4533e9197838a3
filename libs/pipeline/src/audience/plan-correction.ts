import { runId } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import { planDelivery } from '../person/plan-delivery.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { Audience } from './audience.js';

/** Plans what puts an audience right for one person. The same occasion plans the same once. */
export function planCorrection(person: PersonWork, operation: 'addMembers' | 'removeMembers', { flow, step, segmentId, purpose }: Audience, { occurrenceId, now }: { occurrenceId: string; now: number }): DeliveryRow {
  const { workspaceId, profileId } = person.profile;
  const { flowId, version: flowVersion } = flow.compiled.definition;
  const id = `${workspaceId}|${runId({ workspaceId, flowId, flowVersion, profileId, occurrenceId })}`;
  const { id: stepId, connectionId, action } = step;
  return planDelivery(person, { runId: id, flowId, flowVersion, eventId: null, segmentId }, { stepId, connectionId, action, purpose }, { operation, cause: 'compare' }, now);
}
