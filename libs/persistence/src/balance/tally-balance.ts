import type { BalanceTally } from '@firsthand/domain';
import { minuteOf, type InboxRecord } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { digits } from '../store/digits.js';
import { storeKey } from '../store/store-key.js';
import { blocksOf } from '../transaction/in-flight-rows.js';

/** Of what the books are read; times are epoch ms, `to` left out. */
export interface BalanceSpan {
  workspaceId: string;
  /** All where left out. */
  connectionId?: string | undefined;
  from: number;
  to: number;
}

type BalanceCollections = Pick<Collections, 'ledger' | 'inbox' | 'deliveries' | 'inFlight'>;
const MINUTE_MS = 60_000;
const LAST_MINUTE = 9_999_999_999_999;

/**
 * Adds what the ledger has counted, what waits in the inbox, and what is pending or in flight, all as of one moment: of moving collections a sum would show differences that are none.
 *
 * @param session one with snapshot reads
 * @example await tallyBalance(tally, collections, { workspaceId, from, to }, session); tally.lines();
 */
export async function tallyBalance(tally: BalanceTally, collections: BalanceCollections, span: BalanceSpan, session: mongo.ClientSession): Promise<void> {
  const connectionIds = span.connectionId === undefined ? await connectionsIn(collections.ledger, span.workspaceId, session) : [span.connectionId];
  for (const connectionId of connectionIds) await addLedger(tally, collections, { ...span, connectionId }, session);
  await addInbox(tally, collections, span, session);
  await addPending(tally, collections, span, session);
}

/** Which connections the ledger knows of, those that were deleted too: from one to the next by its key. */
async function connectionsIn(ledger: Collections['ledger'], workspaceId: string, session: mongo.ClientSession): Promise<string[]> {
  const found: string[] = [];
  for (let after = storeKey(workspaceId, ''); ;) {
    const next = await ledger.findOne({ _id: { $gt: after, $lt: `${workspaceId}}` } }, { session, sort: { _id: 1 }, projection: { connectionId: 1 } });
    if (next === null) return found;
    found.push(next.connectionId);
    after = `${storeKey(workspaceId, next.connectionId)}}`;
  }
}

async function addLedger(tally: BalanceTally, { ledger }: BalanceCollections, { workspaceId, connectionId = '', from, to }: BalanceSpan, session: mongo.ClientSession): Promise<void> {
  const keyAt = (minute: number): string => storeKey(workspaceId, connectionId, digits(Math.min(minute, LAST_MINUTE), 13));
  const sums = ledger.aggregate<{ _id: { minute?: number; key: string }; count: number }>([
    { $match: { _id: { $gte: keyAt(from), $lt: keyAt(to) } } },
    { $project: { minute: 1, counts: { $objectToArray: '$counts' } } },
    { $unwind: '$counts' },
    { $group: { _id: { ...(tally.isPerMinute ? { minute: '$minute' } : {}), key: '$counts.k' }, count: { $sum: '$counts.v' } } },
  ], { session });
  for await (const { _id, count } of sums) tally.add(connectionId, _id.minute ?? 0, _id.key, count);
}

/** What waits in the inbox is received, and pending. Documents of before they were tallied have to be read. */
async function addInbox(tally: BalanceTally, { inbox }: BalanceCollections, { workspaceId, connectionId, from, to }: BalanceSpan, session: mongo.ClientSession): Promise<void> {
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

async function addPending(tally: BalanceTally, { deliveries, inFlight }: BalanceCollections, { workspaceId, connectionId, from, to }: BalanceSpan, session: mongo.ClientSession): Promise<void> {
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
