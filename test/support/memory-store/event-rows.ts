import type { EventRow, StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

type EventRows = Pick<StoreTransaction, 'findEventIds' | 'findEvents' | 'findEventsAfter' | 'insertEvents' | 'findEventsNaming' | 'moveEvents' | 'insertQuarantine' | 'insertQualityCounts'>;

/** A person's events are looked through so far at most. */
const MAX_RECENT = 1_000;

/** Events and the records that cannot become events. Raw records lie apart: nobody asks for them through the port. */
export function eventRows(session: MemorySession, { events, quarantine, qualityCounts }: Tables): EventRows {
  return {
    async findEventIds(eventIds) {
      return new Set(eventIds.filter((id) => session.peek(events, id) !== undefined));
    },

    async findEvents(eventIds) {
      return new Map(present(eventIds, (id) => session.get(events, id)));
    },

    async findEventsAfter(workspaceId, profileIds, names, after) {
      return session
        .select(events, ({ workspaceId: own, profileId, record }) => own === workspaceId && profileIds.includes(profileId) && record.occurredAt > after && (names.includes('*') || names.includes(record.name)))
        .sort((a, b) => b.record.occurredAt - a.record.occurredAt).slice(0, MAX_RECENT);
    },

    async insertEvents(rows) {
      for (const row of rows) session.insert(events, row.eventId, { ...row, raw: null });
    },

    async findEventsNaming(workspaceId, profileId, identities) {
      const isNamed = (event: EventRow): boolean => event.record.identities.some(({ namespace, value }) => identities.some((one) => one.namespace === namespace && one.value === value));
      return session.select(events, (event) => event.workspaceId === workspaceId && event.profileId === profileId && isNamed(event)).map(({ eventId, connectionId, record }) => ({ eventId, connectionId, identities: record.identities }));
    },

    async moveEvents(eventIds, profileId) {
      for (const eventId of eventIds) {
        const event = session.get(events, eventId);
        if (event !== undefined) session.put(events, eventId, { ...event, profileId });
      }
    },

    async insertQuarantine(rows) {
      for (const row of rows) session.insert(quarantine, row.quarantineId, row);
    },

    async insertQualityCounts(row) {
      session.insert(qualityCounts, keyOf(row.workspaceId, session.database.newId()), row);
    },
  };
}
