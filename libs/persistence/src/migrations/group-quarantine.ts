import { quarantineGroupId } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';
import { createCollections } from '../schemas/create-collections.js';
import type { StoredQuarantine } from '../store/stored-rows.js';

const BATCH = 500;

/** Records that lie in quarantine are given the group of their cause. */
export async function groupQuarantine(connection: Connection): Promise<void> {
  const quarantine = connection.getClient().db(connection.name).collection<StoredQuarantine>('quarantine');
  for (;;) {
    const older = await quarantine.find({ groupId: { $exists: false } }, { limit: BATCH, projection: { raw: 0 } }).toArray();
    if (older.length === 0) break;
    await quarantine.bulkWrite(older.map((row) => ({ updateOne: { filter: { _id: row._id }, update: { $set: { groupId: quarantineGroupId(row.workspaceId, row) } } } })));
  }
  await createCollections(connection);
}
