import { decodeStoredKey, encodeStoredKey, fieldOfCopy, releaseField, withField, type SyncCopy } from '@firsthand/domain';
import type { StoppedGroup, StoppedSync, SyncStateRow, SyncStates } from '@firsthand/pipeline';
import type { Collections } from './collections.js';
import { syncStateRow } from './read-rows.js';
import { storeKey } from './store-key.js';

const PAGE = 100;

/** By which rules a copy with stopped fields is found. */
export function stoppedBy({ fields }: Pick<SyncCopy, 'fields'>): { stoppedBy?: string[] } {
  const rules = [...new Set(Object.values(fields).flatMap(({ stopped }) => stopped?.ruleId ?? []))];
  return rules.length === 0 ? {} : { stoppedBy: rules };
}

/** The most people first; then in one order always. */
function byPeople(a: StoppedGroup, b: StoppedGroup): number {
  const orderOf = ({ ruleId, field, between }: StoppedGroup): string => JSON.stringify([ruleId, field, between]);
  return b.people - a.people || (orderOf(a) < orderOf(b) ? -1 : 1);
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

    async countStopped(workspaceId, { ruleId, connectionId } = {}) {
      const stopped = '$field.v.stopped';
      const groups = syncStates.aggregate<Omit<StoppedGroup, 'field'> & { key: string }>([
        { $match: { workspaceId, stoppedBy: ruleId ?? { $exists: true }, ...(connectionId === undefined ? {} : { connectionId }) } },
        { $project: { connectionId: 1, field: { $objectToArray: '$fields' } } }, { $unwind: '$field' },
        { $match: { 'field.v.stopped.ruleId': ruleId ?? { $exists: true } } },
        { $group: {
          _id: { ruleId: `${stopped}.ruleId`, connectionId: '$connectionId', key: '$field.k', between: `${stopped}.between` }, people: { $sum: 1 },
          untold: { $sum: { $cond: [{ $gt: [`${stopped}.toldAt`, null] }, 0, 1] } }, toldAt: { $max: `${stopped}.toldAt` },
        } },
        { $project: { _id: 0, ruleId: '$_id.ruleId', connectionId: '$_id.connectionId', key: '$_id.key', between: '$_id.between', people: 1, untold: 1, toldAt: 1 } },
      ]);
      return (await groups.toArray()).map(({ key, ...group }) => ({ ...group, field: decodeStoredKey(key) })).sort(byPeople);
    },

    async markTold(workspaceId, groups, at) {
      for (const { ruleId, connectionId, field, between } of groups) {
        const stopped = `fields.${encodeStoredKey(field)}.stopped`;
        const untold = { workspaceId, stoppedBy: ruleId, connectionId, [`${stopped}.ruleId`]: ruleId, [`${stopped}.between`]: between, [`${stopped}.toldAt`]: { $exists: false } };
        await syncStates.updateMany(untold as never, { $set: { [`${stopped}.toldAt`]: at } } as never);
      }
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
