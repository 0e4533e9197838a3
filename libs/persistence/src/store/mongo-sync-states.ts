import { decodeStoredKey, encodeStoredKey, fieldOfCopy, releaseField, withField, type SyncCopy } from '@firsthand/domain';
import type { StoppedSync, SyncStateRow, SyncStates } from '@firsthand/pipeline';
import type { Collections } from './collections.js';
import { syncStateRow } from './read-rows.js';
import { storeKey } from './store-key.js';

const PAGE = 100;

/** By which rules a copy with stopped fields is found. */
export function stoppedBy({ fields }: Pick<SyncCopy, 'fields'>): { stoppedBy?: string[] } {
  const rules = [...new Set(Object.values(fields).flatMap(({ stopped }) => stopped?.ruleId ?? []))];
  return rules.length === 0 ? {} : { stoppedBy: rules };
}

/** The stopped fields of a copy, of one rule where it is given. */
export function stoppedFields({ connectionId, profileId, fields }: SyncStateRow, ruleId?: string): StoppedSync[] {
  return Object.entries(fields).flatMap(([key, { stopped }]) => (stopped === undefined || (ruleId !== undefined && stopped.ruleId !== ruleId) ? []
    : [{ connectionId, profileId, field: decodeStoredKey(key), since: stopped.since, ruleId: stopped.ruleId, between: stopped.between }]));
}

/** What sync rules know, on MongoDB. */
export function createMongoSyncStates({ syncStates }: Pick<Collections, 'syncStates'>): SyncStates {
  return {
    async stopped(workspaceId, ruleId, cursor = null, limit = PAGE) {
      const after = cursor === null ? {} : { _id: { $gt: storeKey(workspaceId, cursor) } };
      const found = await syncStates.find({ workspaceId, stoppedBy: ruleId ?? { $exists: true }, ...after }, { sort: { _id: 1 }, limit }).toArray();
      const last = found.at(-1);
      return { stopped: found.flatMap((row) => stoppedFields(syncStateRow(row), ruleId)), next: found.length < limit || last === undefined ? null : last._id.slice(workspaceId.length + 1) };
    },

    async release(workspaceId, connectionId, profileId, field) {
      const _id = storeKey(workspaceId, connectionId, profileId);
      const key = encodeStoredKey(field);
      for (;;) {
        const found = await syncStates.findOne({ _id });
        const stopped = found === null ? undefined : fieldOfCopy(found, key).stopped;
        if (found === null || stopped === undefined) return false;
        const fields = withField(found, key, releaseField(fieldOfCopy(found, key))).fields;
        const rules = stoppedBy({ fields });
        const update = { $set: { [`fields.${key}`]: fields[key], ...rules }, ...(rules.stoppedBy === undefined ? { $unset: { stoppedBy: 1 as const } } : {}) };
        // Nothing else of the field may have changed meanwhile: what is in flight stays noted.
        const { matchedCount } = await syncStates.updateOne({ _id, [`fields.${key}`]: fieldOfCopy(found, key) } as never, update as never);
        if (matchedCount === 1) return true;
      }
    },
  };
}
