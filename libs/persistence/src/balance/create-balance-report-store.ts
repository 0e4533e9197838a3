import { BalanceTally, judgeBalance } from '@firsthand/domain';
import type { BalanceReportRow, BalanceReportStore } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';
import { collectionsOf } from '../store/collections.js';
import { storeKey } from '../store/store-key.js';
import type { StoredBalanceReport } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { tallyBalance } from './tally-balance.js';

const DAY_MS = 86_400_000;
const KEPT_DAYS = 400;

/**
 * The books of past days, and what was found of them, on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example await createBalanceReportStore(connection).list('main', { before: null, limit: 7 });
 */
export function createBalanceReportStore(connection: Connection): BalanceReportStore {
  const client = connection.getClient();
  const collections = collectionsOf(connection);
  const { balanceReports } = collections;
  return withStoreFailures<BalanceReportStore>({
    async judge(workspaceId, day) {
      const from = Date.parse(day);
      const session = client.startSession({ snapshot: true });
      try {
        const tally = new BalanceTally(true);
        await tallyBalance(tally, collections, { workspaceId, from, to: from + DAY_MS }, session);
        return judgeBalance(tally.lines());
      } finally {
        await session.endSession();
      }
    },

    async find(workspaceId, days) {
      const rows = await balanceReports.find({ _id: { $in: days.map((day) => storeKey(workspaceId, day)) } }).toArray();
      return new Map(rows.map((row) => [row.day, toRow(row)]));
    },

    async list(workspaceId, { before, limit }) {
      const end = before === null ? `${workspaceId}}` : storeKey(workspaceId, before);
      return (await balanceReports.find({ _id: { $gt: storeKey(workspaceId, ''), $lt: end } }, { sort: { _id: -1 }, limit }).toArray()).map(toRow);
    },

    async save({ workspaceId, day, ...row }) {
      const _id = storeKey(workspaceId, day);
      await balanceReports.replaceOne({ _id }, { schemaVersion: 1, workspaceId, day, ...row, expireAt: new Date(Date.parse(day) + KEPT_DAYS * DAY_MS) }, { upsert: true });
    },
  });
}

function toRow({ _id, schemaVersion: _, expireAt: __, ...row }: StoredBalanceReport): BalanceReportRow {
  return row;
}
