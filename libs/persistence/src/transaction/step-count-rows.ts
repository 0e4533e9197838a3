import { randomUUID } from 'node:crypto';
import type { StepCountRow, StoreTransaction } from '@firsthand/pipeline';
import { storeKey } from '../store/store-key.js';
import type { StoredStepCount } from '../store/stored-rows.js';
import type { TransactionScope } from './transaction-scope.js';
import { insertAll } from './write-commands.js';

const HOUR_MS = 3_600_000;

type StepCountRows = Pick<StoreTransaction, 'insertStepCounts' | 'compactStepCounts'>;

/** How many went through the steps of flows: rows that are only inserted, and added up once their hour is over. */
export function stepCountRows(scope: TransactionScope): StepCountRows {
  const { collections: { stepCounts }, session, read } = scope;
  return {
    insertStepCounts: (rows, at) => insertAll(scope, stepCounts, rows.map((row) => (
      { _id: storeKey(...partsOf(row), randomUUID()), schemaVersion: 1, ...row, hour: Math.floor(at / HOUR_MS) * HOUR_MS, isOpen: true as const }))),

    async compactStepCounts(workspaceId, before, limit) {
      const open = await stepCounts.find({ workspaceId, isOpen: true, hour: { $lt: before } }, { ...read, sort: { hour: 1 }, limit }).toArray();
      if (open.length === 0) return 0;
      const sums = new Map<string, StoredStepCount>();
      const ids = [...new Set(open.map(sumKey))];
      for (const { isOpen: _, ...sum } of await stepCounts.find({ _id: { $in: ids } }, read).toArray()) sums.set(sum._id, sum);
      for (const row of open) sums.set(sumKey(row), add(sums.get(sumKey(row)), row));
      await stepCounts.deleteMany({ _id: { $in: open.map(({ _id }) => _id) } }, { session });
      await stepCounts.bulkWrite([...sums.values()].map((sum) => ({ replaceOne: { filter: { _id: sum._id }, replacement: sum, upsert: true } })), { session, ordered: false });
      return open.length;
    },
  };
}

function partsOf({ workspaceId, flowId, flowVersion }: StepCountRow): [string, string, string] {
  return [workspaceId, flowId, String(flowVersion).padStart(6, '0')];
}

/** Of a flow version and hour there is one. */
function sumKey(row: StoredStepCount): string {
  return storeKey(...partsOf(row), new Date(row.hour).toISOString().slice(0, 13));
}

function add(sum: StoredStepCount | undefined, { isOpen: _, ...row }: StoredStepCount): StoredStepCount {
  const counts = new Map<string, StepCountRow['counts'][number]>();
  for (const one of [...(sum?.counts ?? []), ...row.counts]) {
    const key = JSON.stringify([one.stepId, one.outcome]);
    counts.set(key, { ...one, count: one.count + (counts.get(key)?.count ?? 0) });
  }
  return { ...row, _id: sumKey(row), counts: [...counts.values()] };
}
