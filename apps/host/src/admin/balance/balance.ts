import { FirsthandError } from '@firsthand/domain';
import { blocksOf, type Collections, type StoredLedgerEntry } from '@firsthand/persistence';
import { minuteOf, type InboxRecord } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { Balance, BalanceQuery } from './balance-schema.js';
import { Tally } from './tally.js';

const MINUTE_MS = 60_000;
const MAX_SPAN_MS = 7 * 86_400_000;

/**
 * Every record and every delivery, summed from the ledger and from what is still under way, all as of one moment: a sum over moving collections
 * would show differences that are none.
 */
export async function getBalance(admin: AdminContext, { workspaceId }: Caller, query: BalanceQuery): Promise<Balance> {
  const span = spanOf(query);
  const session = admin.connection.getClient().startSession({ snapshot: true });
  try {
    const tally = new Tally(query.per === 'minute');
    await addLedger(tally, admin.collections, workspaceId, query, span, session);
    await addInbox(tally, admin.collections, workspaceId, query, span, session);
    await addPendingDeliveries(tally, admin.collections, workspaceId, query, span, session);
    const { sources, destinations } = tally.lines();
    const difference = [...sources, ...destinations].reduce((sum, line) => sum + Math.abs(line.difference), 0);
    return { at: new Date(admin.clock()).toISOString(), sources, destinations, difference };
  } finally {
    await session.endSession();
  }
}

interface Minutes {
  from: number;
  to: number;
}

function spanOf({ per, from, to }: BalanceQuery): Minutes {
  const floor = (text: string | undefined, otherwise: number): number => (text === undefined ? otherwise : minuteOf(Date.parse(text)));
  const span = { from: floor(from, 0), to: floor(to, Number.MAX_SAFE_INTEGER) };
  if (per === 'minute' && span.to - span.from > MAX_SPAN_MS) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/from', message: 'with per=minute the span from..to is at most 7 days' }]);
  return span;
}

async function addLedger(tally: Tally, { ledger }: Collections, workspaceId: string, { connectionId, per }: BalanceQuery, { from, to }: Minutes, session: mongo.ClientSession): Promise<void> {
  const sums = ledger.aggregate<{ _id: { connectionId: string; minute?: number; key: string }; count: number }>([
    { $match: { workspaceId, minute: { $gte: from, $lt: to }, ...(connectionId === undefined ? {} : { connectionId }) } satisfies mongo.Filter<StoredLedgerEntry> },
    { $project: { connectionId: 1, minute: 1, counts: { $objectToArray: '$counts' } } },
    { $unwind: '$counts' },
    { $group: { _id: { connectionId: '$connectionId', ...(per === 'minute' ? { minute: '$minute' } : {}), key: '$counts.k' }, count: { $sum: '$counts.v' } } },
  ], { session });
  for await (const { _id, count } of sums) tally.add(_id.connectionId, _id.minute ?? 0, _id.key, count);
}

/** What waits in the inbox is received, and pending. Documents of before they were tallied have to be read. */
async function addInbox(tally: Tally, { inbox }: Collections, workspaceId: string, { connectionId }: BalanceQuery, { from, to }: Minutes, session: mongo.ClientSession): Promise<void> {
  const add = (of: string, minute: number, count: number): void => {
    if (minute < from || minute >= to || (connectionId !== undefined && of !== connectionId)) return;
    tally.add(of, minute, 'received', count);
    tally.add(of, minute, 'received.pending', count);
  };
  const sums = inbox.aggregate<{ _id: { connectionId: string; minute: number }; count: number }>([
    { $match: { workspaceId } }, { $project: { tallies: 1 } }, { $unwind: '$tallies' },
    { $group: { _id: { connectionId: '$tallies.connectionId', minute: '$tallies.minute' }, count: { $sum: '$tallies.count' } } },
  ], { session });
  for await (const { _id, count } of sums) add(_id.connectionId, _id.minute, count);
  for await (const { records } of inbox.find({ workspaceId, tallies: { $exists: false } }, { session, projection: { records: 1 } })) {
    for (const record of JSON.parse(records) as InboxRecord[]) add(record.connectionId, minuteOf(record.receivedAt), 1);
  }
}

async function addPendingDeliveries(tally: Tally, { deliveries, inFlight }: Collections, workspaceId: string, { connectionId }: BalanceQuery, { from, to }: Minutes, session: mongo.ClientSession): Promise<void> {
  const sums = deliveries.aggregate<{ _id: { connectionId: string; minute: number }; count: number }>([
    { $match: { workspaceId, state: 'pending', createdAt: { $gte: from, $lt: to }, ...(connectionId === undefined ? {} : { connectionId }) } },
    { $group: { _id: { connectionId: '$connectionId', minute: { $subtract: ['$createdAt', { $mod: ['$createdAt', MINUTE_MS] }] } }, count: { $sum: 1 } } },
  ], { session });
  for await (const { _id, count } of sums) tally.add(_id.connectionId, _id.minute, 'deliveries.pending', count);
  const blocks = inFlight.find({ _id: blocksOf(workspaceId, connectionId) }, { session, projection: { connectionId: 1, tallies: 1 } });
  for await (const { connectionId: lane, tallies } of blocks) {
    for (const { minute, count } of tallies) if (minute >= from && minute < to) tally.add(lane, minute, 'deliveries.pending', count);
  }
}
