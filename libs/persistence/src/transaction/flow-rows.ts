import { FirsthandError, MAX_CAP_MS } from '@firsthand/domain';
import type { RunRow, StoreTransaction } from '@firsthand/pipeline';
import { runRow, scheduleRow } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { StoredRun } from '../store/stored-rows.js';
import type { TransactionScope } from './transaction-scope.js';
import { insertAll, replaceAll } from './write-commands.js';

/** A run that has ended is shown for so long. */
const ENDED_RUNS_KEPT_MS = 30 * 24 * 3_600_000;

type FlowRows = Pick<
  StoreTransaction,
  'insertRuns' | 'takeRuns' | 'findRuns' | 'answerRuns' | 'findWaitingRuns' | 'replaceRuns' | 'findFlowEntries' | 'writeFlowEntries' | 'findContacts' | 'insertContacts' | 'deleteContacts' | 'findSchedules'
  | 'writeSchedule' | 'deleteSchedules' | 'findProfileIds'
>;

/** The runs of flows, who came into them and was reached by them, and when they are due by the calendar. */
export function flowRows(scope: TransactionScope): FlowRows {
  const { collections: { runs, flowEntries, contacts, schedules, profiles }, session, read } = scope;
  return {
    insertRuns: (rows) => insertAll(scope, runs, rows.map(storedRun)),

    async takeRuns(runIds, now) {
      if (runIds.length === 0) return [];
      const found = await runs.find({ _id: { $in: [...runIds] }, dueAt: { $lte: now } }, read).toArray();
      await runs.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } }, { session });
      return found.map(runRow);
    },

    async findRuns(runIds) {
      if (runIds.length === 0) return [];
      return (await runs.find({ _id: { $in: [...runIds] } }, read).toArray()).map(runRow);
    },

    async answerRuns(answers, now) {
      await runs.bulkWrite(answers.map(({ workspaceId, runId, deliveryId, result }) => ({ updateOne: {
        filter: { _id: ownKey(workspaceId, runId), dueAt: { $gt: 0 }, 'wait.call.deliveryId': deliveryId, 'wait.call.result': { $exists: false } },
        update: { $set: { 'wait.call.result': result, dueAt: now } },
      } })), { session, ordered: false });
    },

    async findWaitingRuns(workspaceId, profileIds) {
      if (profileIds.length === 0) return [];
      return (await runs.find({ workspaceId, profileId: { $in: [...profileIds] }, dueAt: { $gt: 0 } }, read).toArray()).map(runRow);
    },

    async replaceRuns(rows) {
      if (rows.length === 0) return;
      const matched = await replaceAll(scope, runs, rows.map(storedRun));
      if (matched !== rows.length) throw new FirsthandError('INTERNAL', `${rows.length} runs were to be written, ${matched} were there.`);
    },

    async findFlowEntries(entryIds) {
      if (entryIds.length === 0) return new Map();
      const found = await flowEntries.find({ _id: { $in: [...entryIds] } }, { ...read, projection: { at: 1 } }).toArray();
      return new Map(found.map(({ _id, at }) => [_id, at]));
    },

    async writeFlowEntries(rows) {
      if (rows.length === 0) return;
      await flowEntries.bulkWrite(rows.map(({ entryId, workspaceId, profileId, at }) => (
        { updateOne: { filter: { _id: ownKey(workspaceId, entryId) }, update: { $set: { schemaVersion: 1, workspaceId, profileId, at } }, upsert: true } })), { session, ordered: false });
    },

    async findContacts(workspaceId, profileIds, since) {
      if (profileIds.length === 0) return [];
      const found = await contacts.find({ workspaceId, profileId: { $in: [...profileIds] }, at: { $gt: since } }, read).toArray();
      return found.map(({ _id, profileId, channel, at }) => ({ contactId: _id, workspaceId, profileId, channel, at }));
    },

    insertContacts: (rows) => insertAll(scope, contacts, rows.map(({ contactId, ...row }) => (
      { _id: ownKey(row.workspaceId, contactId), schemaVersion: 1, ...row, expireAt: new Date(row.at + MAX_CAP_MS) }))),

    async deleteContacts(contactIds) {
      await contacts.deleteMany({ _id: { $in: [...contactIds] } }, { session });
    },

    async findSchedules(workspaceId) {
      const found = await schedules.find({ _id: { $gte: `${workspaceId}|`, $lt: `${workspaceId}}` } }, read).toArray();
      return found.map(scheduleRow);
    },

    async writeSchedule(row) {
      const _id = storeKey(row.workspaceId, row.flowId);
      await schedules.replaceOne({ _id }, { schemaVersion: 1, ...row }, { session, upsert: true });
    },

    async deleteSchedules(workspaceId, flowIds) {
      if (flowIds.length > 0) await schedules.deleteMany({ _id: { $in: flowIds.map((flowId) => storeKey(workspaceId, flowId)) } }, { session });
    },

    async findProfileIds(workspaceId, after, limit) {
      const range = { $gt: storeKey(workspaceId, after ?? ''), $lt: `${workspaceId}}` };
      return (await profiles.find({ _id: range }, { ...read, projection: { profileId: 1 }, sort: { _id: 1 }, limit }).toArray()).map(({ profileId }) => profileId);
    },
  };
}

function storedRun({ runId, ...row }: RunRow): StoredRun {
  return { _id: ownKey(row.workspaceId, runId), schemaVersion: 1, ...row, ...(row.end === null ? {} : { expireAt: new Date(row.end.at + ENDED_RUNS_KEPT_MS) }) };
}
