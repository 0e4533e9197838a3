import type { StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

type EventRows = Pick<StoreTransaction, 'findEventIds' | 'findEvents' | 'findEventsAfter' | 'insertEvents' | 'insertQuarantine' | 'insertQualityCounts'>;

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

    async insertQuarantine(rows) {
      for (const row of rows) session.insert(quarantine, row.quarantineId, row);
    },

    async insertQualityCounts(row) {
      session.insert(qualityCounts, keyOf(row.workspaceId, session.database.newId()), row);
    },
  };
}
