import type { InboxRecord } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { storeKey } from './store-key.js';
import type { StoredInbox } from './stored-rows.js';

/**
 * Whether records of a source wait in the inbox, as a transaction sees it. Documents of before they were tallied have to be read.
 *
 * @example await hasRecordsWaiting(collections, { workspaceId, connectionId }, session)
 */
export async function hasRecordsWaiting({ inbox }: { inbox: mongo.Collection<StoredInbox> }, { workspaceId, connectionId }: { workspaceId: string; connectionId: string }, session?: mongo.ClientSession): Promise<boolean> {
  // The ids of a workspace begin with it and a `|`, and `}` is the sign after that.
  const own = { _id: { $gte: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } };
  const options = session === undefined ? {} : { session };
  if ((await inbox.findOne({ ...own, 'tallies.connectionId': connectionId }, { ...options, projection: { _id: 1 } })) !== null) return true;
  for await (const { records } of inbox.find({ ...own, tallies: { $exists: false } }, { ...options, projection: { records: 1 } })) {
    if ((JSON.parse(records) as InboxRecord[]).some((record) => record.connectionId === connectionId)) return true;
  }
  return false;
}
