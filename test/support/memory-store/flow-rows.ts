import { FirsthandError } from '@firsthand/domain';
import { groupBy, type RunRow, type StepCountRow, type StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

const HOUR_MS = 3_600_000;

type FlowRows = Pick<
  StoreTransaction,
  'insertRuns' | 'takeRuns' | 'findRuns' | 'answerRuns' | 'findWaitingRuns' | 'replaceRuns' | 'findFlowEntries' | 'writeFlowEntries' | 'findContacts' | 'insertContacts' | 'deleteContacts' | 'insertStepCounts' | 'compactStepCounts'
  | 'findSchedules' | 'writeSchedule' | 'deleteSchedules'
>;

/** The runs of flows, who came into them and was reached by them, their counts, and when they are due by the calendar. */
export function flowRows(session: MemorySession, { runs, flowEntries, contacts, stepCounts, schedules }: Tables): FlowRows {
  return {
    async insertRuns(rows) {
      for (const row of rows) session.insert(runs, row.runId, row);
    },

    async takeRuns(runIds, now) {
      const due = present(runIds, (id) => session.get(runs, id)).flatMap(([, row]) => (isDue(row, now) ? [row] : []));
      for (const { runId } of due) session.remove(runs, runId);
      return due;
    },

    async findRuns(runIds) {
      return present(runIds, (id) => session.get(runs, id)).map(([, row]) => row);
    },

    async answerRuns(answers, now) {
      for (const { runId, deliveryId, result } of answers) {
        const row = session.get(runs, runId);
        const call = row?.wait?.call;
        if (row === undefined || row.wait === null || row.dueAt === null || call?.deliveryId !== deliveryId || call.result !== undefined) continue;
        session.put(runs, runId, { ...row, wait: { ...row.wait, call: { ...call, result } }, dueAt: now });
      }
    },

    async findWaitingRuns(workspaceId, profileIds) {
      return session.select(runs, (row) => row.workspaceId === workspaceId && row.dueAt !== null && profileIds.includes(row.profileId));
    },

    async replaceRuns(rows) {
      for (const row of rows) {
        if (session.get(runs, row.runId) === undefined) throw new FirsthandError('INTERNAL', 'A run that was to be written is not there.');
        session.put(runs, row.runId, row);
      }
    },

    async findFlowEntries(entryIds) {
      return new Map(present(entryIds, (id) => session.get(flowEntries, id)?.at));
    },

    async writeFlowEntries(rows) {
      for (const row of rows) session.put(flowEntries, row.entryId, row);
    },

    async findContacts(workspaceId, profileIds, since) {
      return session.select(contacts, (row) => row.workspaceId === workspaceId && row.at > since && profileIds.includes(row.profileId));
    },

    async insertContacts(rows) {
      for (const row of rows) session.insert(contacts, row.contactId, row);
    },

    async deleteContacts(contactIds) {
      for (const id of contactIds) session.remove(contacts, id);
    },

    async insertStepCounts(rows, at) {
      for (const row of rows) session.insert(stepCounts, keyOf(...partsOf(row), session.database.newId()), { ...row, hour: Math.floor(at / HOUR_MS) * HOUR_MS, isOpen: true });
    },

    async compactStepCounts(workspaceId, before, limit) {
      const ids: string[] = [];
      const open = session.select(stepCounts, (row, id) => row.workspaceId === workspaceId && row.isOpen && row.hour < before && ids.length < limit && ids.push(id) > 0);
      for (const id of ids) session.remove(stepCounts, id);
      for (const [sumId, rows] of groupBy(open, (row) => keyOf(...partsOf(row), row.hour))) {
        const former = session.get(stepCounts, sumId);
        const all = [...(former === undefined ? [] : [former]), ...rows];
        session.put(stepCounts, sumId, { ...(all[0] as (typeof all)[number]), counts: addUp(all), isOpen: false });
      }
      return open.length;
    },

    async findSchedules(workspaceId) {
      return session.select(schedules, (row) => row.workspaceId === workspaceId);
    },

    async writeSchedule(row) {
      session.put(schedules, keyOf(row.workspaceId, row.flowId), row);
    },

    async deleteSchedules(workspaceId, flowIds) {
      for (const flowId of flowIds) session.remove(schedules, keyOf(workspaceId, flowId));
    },
  };
}

function isDue({ dueAt }: RunRow, now: number): boolean {
  return dueAt !== null && dueAt <= now;
}

function partsOf({ workspaceId, flowId, flowVersion }: StepCountRow): [string, string, number] {
  return [workspaceId, flowId, flowVersion];
}

function addUp(rows: readonly StepCountRow[]): StepCountRow['counts'] {
  const counts = new Map<string, StepCountRow['counts'][number]>();
  for (const one of rows.flatMap((row) => row.counts)) {
    const key = JSON.stringify([one.stepId, one.outcome]);
    counts.set(key, { ...one, count: one.count + (counts.get(key)?.count ?? 0) });
  }
  return [...counts.values()];
}
