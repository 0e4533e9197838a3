import { quietUntil, timeZoneOf } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { DeliveryUpdate } from '../ports/store.js';
import { LET_GO, QUIET_HOURS, QUIET_HOURS_RELEASED } from '../ports/waiting-reasons.js';
import { channelOf } from './channel-of.js';

/**
 * The rows against which quiet hours of their channel stand now, where their person is: delivery id → when those are over, epoch ms. They were asked about when they were planned;
 * since then a retry, a pause, a gate or a replay may have brought them into the night. What takes something back is no message.
 */
export function quietRows(due: readonly DeliveryRow[], people: ReadonlyMap<string, PersonWork>, configuration: WorkspaceConfiguration, now: number): ReadonlyMap<string, number> {
  const { quietHours, timeZone } = configuration.flowSettings;
  if (quietHours.length === 0) return new Map();
  return new Map(due.flatMap((row): [string, number][] => {
    const person = people.get(row.profileId);
    const channel = row.class === 'data' ? channelOf(row, configuration) : undefined;
    const until = person === undefined || channel === undefined ? null : quietUntil(channel, quietHours, timeZoneOf(person.profile, timeZone), now);
    return until === null ? [] : [[row.deliveryId, until]];
  }));
}

/**
 * What a row is that waits for the end of quiet hours. The wait takes nothing of the time in which it is tried. It is found by its time, with those that were tried: one that never was
 * has a try counted.
 */
export function putOff({ deliveryId, reason, attempt, createdAt, retryFrom = createdAt }: DeliveryRow, until: number, now: number): DeliveryUpdate {
  const isLetGo = reason !== null && LET_GO.includes(reason);
  return { deliveryId, state: 'pending', reason: isLetGo ? QUIET_HOURS_RELEASED : QUIET_HOURS, attempt: Math.max(1, attempt), dueAt: until, retryFrom: retryFrom + until - now };
}
