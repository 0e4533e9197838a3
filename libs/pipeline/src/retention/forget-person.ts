import { forgetProfile, forgetRecord, nextEnd, redecideFields, settleFields } from '@firsthand/domain';
import { causeOf, type ChangeCause } from '../changes/change-cause.js';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { EventRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { retentionOf } from './retention-of.js';

/**
 * Takes out of a person in work what may be kept no longer, and notes it as changed: segments that read it are evaluated again, and whoever writes the person writes them without it. Everything that
 * the pipeline knows of people comes through here, and so does what a change of the dictionary has chosen for their values, and who owns them by the rules of now.
 */
export function forgetPast(person: PersonWork, configuration: WorkspaceConfiguration, now: number): void {
  settle(person, configuration);
  const { profile, fields, counters } = forgetProfile(person.profile, retentionOf(configuration, person), now);
  if (profile !== person.profile) take(person, { profile, fields }, causeOf('time'), counters);
  for (const key of counters) person.countedKeys.add(key);
  const decided = redecideFields(person.profile, configuration.ownerRank);
  if (decided.profile !== person.profile) take(person, decided, causeOf('rule'));
}

function take(person: PersonWork, { profile, fields }: Pick<ReturnType<typeof redecideFields>, 'profile' | 'fields'>, cause: ChangeCause, counters: readonly string[] = []): void {
  person.profile = profile;
  person.causes.push({ cause, fields: [...fields], counters });
  for (const field of fields) person.changedFields.add(field);
  person.isTouched = true;
}

/** Values of a field whose name or type was changed become those that the dictionary has now. */
function settle(person: PersonWork, { dictionary, ownerRank }: WorkspaceConfiguration): void {
  if (dictionary.settlements.size === 0) return;
  const settled = settleFields(person.profile, dictionary, ownerRank);
  if (settled.profile !== person.profile) take(person, settled, causeOf('rule'));
}

/** When something of a person ends next, epoch ms; Infinity for never. */
export function endsNextAt(person: Pick<PersonWork, 'profile' | 'consents'>, configuration: WorkspaceConfiguration): number {
  return nextEnd(person.profile, retentionOf(configuration, person)) ?? Infinity;
}

/** Reads events, each with what of it may still be used of its person. One that has ended as a whole is not there. */
export async function findKeptEvents(tx: Pick<StoreTransaction, 'findEvents'>, eventIds: readonly string[], people: ReadonlyMap<string, PersonWork>, configuration: WorkspaceConfiguration, now: number): Promise<Map<string, EventRow>> {
  const kept = new Map<string, EventRow>();
  for (const [eventId, event] of await tx.findEvents(eventIds)) {
    const left = keptEvent(event, people.get(event.profileId), configuration, now);
    if (left !== null) kept.set(eventId, left);
  }
  return kept;
}

/** What of an event may still be used; null for nothing. Of nobody who is known the rules are those of somebody who has refused nothing. */
export function keptEvent(event: EventRow, person: PersonWork | undefined, configuration: WorkspaceConfiguration, now: number): EventRow | null {
  const record = forgetRecord(event.record, retentionOf(configuration, person ?? { profile: { fields: {} }, consents: {} }), now);
  return record === null ? null : record === event.record ? event : { ...event, record };
}
