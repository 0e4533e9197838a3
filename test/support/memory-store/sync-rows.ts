import { decodeStoredKey, encodeStoredKey, fieldOfCopy, releaseField, withField } from '@firsthand/domain';
import type { StoppedGroup, StoreTransaction, SyncStates } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

/** What systems are known to hold. */
export function syncRows(session: MemorySession, { syncStates }: Tables): Pick<StoreTransaction, 'findSyncStates' | 'writeSyncStates'> {
  return {
    async findSyncStates(workspaceId, profileIds, connectionIds) {
      const ids = connectionIds.flatMap((connectionId) => profileIds.map((profileId) => keyOf(workspaceId, connectionId, profileId)));
      return present(ids, (id) => session.get(syncStates, id)).map(([, row]) => row);
    },

    async writeSyncStates(rows) {
      for (const row of rows) session.put(syncStates, keyOf(row.workspaceId, row.connectionId, row.profileId), row);
    },
  };
}

/** What sync rules know, for people who look after them. */
export function memorySyncStates(now: <T>(work: (session: MemorySession) => T) => Promise<T>, { syncStates }: Tables): SyncStates {
  return {
    stopped: (workspaceId, ruleId, cursor = null, limit = 100) => now((session) => {
      const rows = session.select(syncStates, (row) => row.workspaceId === workspaceId && Object.values(row.fields).some(({ stopped }) => stopped !== undefined && (ruleId === undefined || stopped.ruleId === ruleId)))
        .map((row) => ({ row, at: `${row.connectionId}|${row.profileId}` })).filter(({ at }) => cursor === null || at > cursor).sort((a, b) => (a.at < b.at ? -1 : 1)).slice(0, limit);
      const stopped = rows.flatMap(({ row: { connectionId, profileId, fields } }) => Object.entries(fields).flatMap(([key, field]) => (field.stopped === undefined || (ruleId !== undefined && field.stopped.ruleId !== ruleId) ? []
        : [{ connectionId, profileId, field: decodeStoredKey(key), since: field.stopped.since, ruleId: field.stopped.ruleId, between: field.stopped.between }])));
      return { stopped, next: rows.length < limit ? null : (rows.at(-1)?.at ?? null) };
    }),

    countStopped: (workspaceId, { ruleId, connectionId } = {}) => now((session) => {
      const groups = new Map<string, StoppedGroup>();
      for (const row of session.select(syncStates, (one) => one.workspaceId === workspaceId && (connectionId === undefined || one.connectionId === connectionId))) {
        for (const [key, { stopped }] of Object.entries(row.fields)) {
          if (stopped === undefined || (ruleId !== undefined && stopped.ruleId !== ruleId)) continue;
          const group = { ruleId: stopped.ruleId, connectionId: row.connectionId, field: decodeStoredKey(key), between: stopped.between };
          const { people, untold, toldAt } = groups.get(JSON.stringify(group)) ?? { people: 0, untold: 0, toldAt: null };
          groups.set(JSON.stringify(group), { ...group, people: people + 1, untold: untold + (stopped.toldAt === undefined ? 1 : 0), toldAt: stopped.toldAt === undefined ? toldAt : Math.max(stopped.toldAt, toldAt ?? 0) });
        }
      }
      return [...groups.values()].sort((a, b) => b.people - a.people || (JSON.stringify([a.ruleId, a.field, a.between]) < JSON.stringify([b.ruleId, b.field, b.between]) ? -1 : 1));
    }),

    markTold: (workspaceId, groups, at) => now((session) => {
      for (const { ruleId, connectionId, field, between } of groups) {
        const key = encodeStoredKey(field);
        for (const row of session.select(syncStates, (one) => one.workspaceId === workspaceId && one.connectionId === connectionId)) {
          const { stopped, ...rest } = fieldOfCopy(row, key);
          if (stopped?.ruleId !== ruleId || stopped.toldAt !== undefined || String(stopped.between) !== String(between)) continue;
          session.put(syncStates, keyOf(workspaceId, connectionId, row.profileId), withField(row, key, { ...rest, stopped: { ...stopped, toldAt: at } }));
        }
      }
    }),

    release: (workspaceId, connectionId, profileId, field) => now((session) => {
      const id = keyOf(workspaceId, connectionId, profileId);
      const key = encodeStoredKey(field);
      const row = session.get(syncStates, id);
      if (row === undefined || fieldOfCopy(row, key).stopped === undefined) return false;
      session.put(syncStates, id, withField(row, key, releaseField(fieldOfCopy(row, key))));
      return true;
    }),
  };
}
