import type { QuarantineQuery } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { StoredQuarantine } from '../store/stored-rows.js';

/**
 * The quarantined records that a query asks for, without its place and limit: see `readQuarantine`.
 *
 * @example collections.quarantine.countDocuments(quarantineFilter(query))
 */
export function quarantineFilter({ workspaceId, selection, connectionIds, keptSince, until }: Omit<QuarantineQuery, 'after' | 'limit'>): mongo.Filter<StoredQuarantine> {
  const { quarantineIds, groupId, connectionId, code, from, to } = selection;
  return {
    workspaceId,
    ...(quarantineIds === undefined ? {} : { _id: { $in: [...quarantineIds] } }),
    ...(groupId === undefined ? {} : { groupId: { $eq: groupId } }), ...(connectionId === undefined ? {} : { connectionId: { $eq: connectionId } }), ...(code === undefined ? {} : { code: { $eq: code } }),
    $and: [
      { receivedAt: { $gte: from ?? 0, ...(to === undefined ? {} : { $lt: to }) } }, { quarantinedAt: { $gte: keptSince, $lte: until } },
      ...(connectionIds === null ? [] : [{ connectionId: { $in: [...connectionIds] } }]),
    ],
  };
}
