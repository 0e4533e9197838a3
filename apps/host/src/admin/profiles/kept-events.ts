import { forgetRecord } from '@firsthand/domain';
import type { StoredEvent } from '@firsthand/persistence';
import type { FoundPerson } from './find-person.js';

/**
 * The events of a person that have not ended as a whole, as a part of a filter.
 *
 * @example collections.events.find({ workspaceId, profileId: { $in: profileIds }, ...keptFilter(person, now) })
 */
export function keptFilter({ retention }: Pick<FoundPerson, 'retention'>, now: number): { 'record.occurredAt'?: { $gte: number } } {
  const since = retention.keptSince('event', now);
  return since === -Infinity ? {} : { 'record.occurredAt': { $gte: since } };
}

/**
 * An event with what of it may still be given to anybody; null for nothing.
 *
 * @example keptEvent(stored, person, clock())?.record.properties
 */
export function keptEvent<E extends Pick<StoredEvent, 'record'>>(event: E, { retention }: Pick<FoundPerson, 'retention'>, now: number): E | null {
  const record = forgetRecord(event.record, retention, now);
  return record === null ? null : record === event.record ? event : { ...event, record };
}
