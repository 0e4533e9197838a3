import { FirsthandError } from '@firsthand/domain';
import type { AdminDatabase } from './warn-of-long-transactions.js';

/**
 * A MongoDB that was just installed is a single server: it answers, and refuses the first transaction only.
 *
 * @throws FirsthandError `NOT_A_REPLICA_SET` where it is neither a member of a replica set nor a router of shards
 * @example await assertReplicaSet(connection.getClient().db('admin'));
 */
export async function assertReplicaSet(admin: AdminDatabase): Promise<void> {
  const { setName, msg } = await admin.command({ hello: 1 });
  if (setName === undefined && msg !== 'isdbgrid') throw new FirsthandError('NOT_A_REPLICA_SET', 'The server at MONGODB_URI is not part of a replica set.');
}
