import type { Lane } from '@firsthand/pipeline';
import type { Collections } from './collections.js';

/**
 * How long a destination's longest due delivery has waited, in ms; 0 when none is due. One that waits for another try waits from when that is due, all others
 * from when they were made. Two look-ups in indexes, whatever the backlog.
 *
 * @example await queueAgeMs(collections, { workspaceId: 'main', connectionId: 'crm' }, Date.now()) // 1200
 */
export async function queueAgeMs({ deliveries }: Pick<Collections, 'deliveries'>, { workspaceId, connectionId }: Lane, now: number): Promise<number> {
  const pending = { workspaceId, connectionId, state: 'pending' } as const;
  const [fresh, tried] = await Promise.all([
    deliveries.findOne({ ...pending, attempt: 0 }, { sort: { createdAt: 1, seq: 1 }, projection: { createdAt: 1 } }),
    deliveries.findOne({ ...pending, attempt: { $gt: 0 }, dueAt: { $lte: now } }, { sort: { dueAt: 1 }, projection: { dueAt: 1 } }),
  ]);
  return Math.max(0, now - Math.min(fresh?.createdAt ?? now, tried?.dueAt ?? now));
}
