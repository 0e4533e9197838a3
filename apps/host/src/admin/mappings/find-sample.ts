import { FirsthandError, type JsonValue } from '@firsthand/domain';
import { readRawRecords, storeKey } from '@firsthand/persistence';
import { NOBODY } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { reachFilter } from '../http/reach-filter.js';
import { findPerson } from '../profiles/find-person.js';
import { keptEvent } from '../profiles/kept-events.js';
import { peopleMask } from '../profiles/people-mask.js';
import { keptQuarantine } from '../quarantine/quarantine.js';
import type { MappingPreviewBody } from './mapping-bodies.js';
import type { MappedSource } from './mapping-source.js';
import { newestRaws } from './newest-raws.js';

/** A raw record to try a mapping on, and where it is from. */
export interface Sample {
  kind: 'given' | 'plugin' | 'event' | 'quarantine';
  /** Of the event or the quarantined record. */
  id: string | null;
  raw: JsonValue;
}

type Stored = NonNullable<MappingPreviewBody['stored']>;

/**
 * The sample that a call asks for: one that it brings, one that is stored, or the plugin's.
 *
 * @throws FirsthandError `FORBIDDEN` for stored ones to who may not see raw records, `NOT_FOUND`
 */
export async function findSample(admin: AdminContext, caller: Caller, source: MappedSource, { sample, stored }: Pick<MappingPreviewBody, 'sample' | 'stored'>): Promise<Sample> {
  if (stored !== undefined) return storedSample(admin, caller, source, stored);
  return sample === undefined ? { kind: 'plugin', id: null, raw: source.source.sample } : { kind: 'given', id: null, raw: sample as JsonValue };
}

async function storedSample(admin: AdminContext, caller: Caller, source: MappedSource, stored: Stored): Promise<Sample> {
  const isShown = peopleMask(admin, caller).showsRaw && caller.ability.can('read', 'profile') && caller.ability.can('read', 'quarantine');
  if (!isShown) throw new FirsthandError('FORBIDDEN', 'Stored records are for who may see customers in full.');
  if ('quarantineId' in stored) return quarantinedSample(admin, caller, source, stored.quarantineId);
  if ('eventId' in stored) return eventSample(admin, caller, source, stored.eventId);
  const { raws: [newest] } = await newestRaws(admin, caller.workspaceId, source, 1);
  if (newest === undefined) throw new FirsthandError('NOT_FOUND', 'The connection has no stored raw record.');
  return newest.kind === 'event' ? eventSample(admin, caller, source, newest.id) : quarantinedSample(admin, caller, source, newest.id);
}

async function quarantinedSample(admin: AdminContext, { workspaceId, ability }: Caller, { connectionId }: MappedSource, id: string): Promise<Sample> {
  const row = await admin.collections.quarantine.findOne({ _id: storeKey(workspaceId, id), connectionId, ...keptQuarantine(admin), ...reachFilter(ability, 'read', 'quarantine') });
  if (row === null) throw new FirsthandError('NOT_FOUND', 'There is no such quarantined record of this connection.');
  return { kind: 'quarantine', id, raw: JSON.parse(row.raw) as JsonValue };
}

/** By what may still be kept of its person. */
async function eventSample(admin: AdminContext, { workspaceId }: Caller, { connectionId }: MappedSource, id: string): Promise<Sample> {
  const eventId = storeKey(workspaceId, id);
  const event = await admin.collections.events.findOne({ _id: eventId, connectionId });
  const person = event === null || event.profileId === NOBODY ? undefined : await findPerson(admin, workspaceId, event.profileId);
  const isKept = event !== null && person !== undefined && keptEvent(event, person, admin.clock()) === event;
  const raw = isKept ? (await readRawRecords(admin.collections, [eventId])).get(eventId) : undefined;
  if (raw === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such event of this connection, or its raw record is gone.');
  return { kind: 'event', id, raw };
}
