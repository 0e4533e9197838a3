import { quietUntil, timeZoneOf } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { DeliveryUpdate } from '../ports/store.js';
import { FLOW_PAUSED, LET_GO, PAUSED_DUE_AT, QUIET_HOURS, QUIET_HOURS_RELEASED } from '../ports/waiting-reasons.js';
import { channelOf } from './channel-of.js';

/**
 * The rows that are not to be sent now, and what they are until then, by delivery id: those of a flow that is paused, and those against which quiet hours of their channel stand where their person is.
 * Of these it was asked when they were planned; since then a retry, a pause, a gate or a replay may have brought them into the night. What takes something back waits for neither, nor does
 * anything of who is erased.
 */
export function rowsPutOff(due: readonly DeliveryRow[], people: ReadonlyMap<string, PersonWork>, configuration: WorkspaceConfiguration, now: number): ReadonlyMap<string, DeliveryUpdate> {
  return new Map(due.flatMap((row): [string, DeliveryUpdate][] => {
    const person = people.get(row.profileId);
    if (person?.isErased === true) return [];
    const update = isOfPausedFlow(row, configuration) ? paused(row) : quiet(row, person, configuration, now);
    return update === null ? [] : [[row.deliveryId, update]];
  }));
}

/** What a step of it sends; who leaves an audience by leaving its segment is taken out all the same. */
function isOfPausedFlow({ flowId, class: kind, cause }: DeliveryRow, { pausedFlows }: WorkspaceConfiguration): boolean {
  return flowId !== null && pausedFlows?.has(flowId) === true && (kind === 'data' || cause === 'sync-delete');
}

function paused({ deliveryId, attempt }: DeliveryRow): DeliveryUpdate {
  return { deliveryId, state: 'pending', reason: FLOW_PAUSED, attempt: Math.max(1, attempt), dueAt: PAUSED_DUE_AT };
}

function quiet(row: DeliveryRow, person: PersonWork | undefined, configuration: WorkspaceConfiguration, now: number): DeliveryUpdate | null {
  const { quietHours, timeZone } = configuration.flowSettings;
  const channel = quietHours.length === 0 || person === undefined || row.class !== 'data' ? undefined : channelOf(row, configuration);
  const until = person === undefined || channel === undefined ? null : quietUntil(channel, quietHours, timeZoneOf(person.profile, timeZone), now);
  return until === null ? null : putOff(row, until, now);
}

/**
 * What a row is that waits for the end of quiet hours. The wait takes nothing of the time in which it is tried. It is found by its time, with those that were tried: one that never was
 * has a try counted.
 */
function putOff({ deliveryId, reason, attempt, createdAt, retryFrom = createdAt }: DeliveryRow, until: number, now: number): DeliveryUpdate {
  const isLetGo = reason !== null && LET_GO.includes(reason);
  return { deliveryId, state: 'pending', reason: isLetGo ? QUIET_HOURS_RELEASED : QUIET_HOURS, attempt: Math.max(1, attempt), dueAt: until, retryFrom: retryFrom + until - now };
}
