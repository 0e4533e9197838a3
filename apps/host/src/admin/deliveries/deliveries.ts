import { isWithinReach, reachOf } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { storeKey, type StoredDelivery } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';
import { reachFilter } from '../http/reach-filter.js';
import { viewDelivery, viewExchange, type DeliveryView, type DeliveryWithEvidence } from './delivery-view.js';
import { findEvidence } from './find-evidence.js';
import { findInFlight, findRow, newestFirst } from './find-in-flight.js';

const STATES = ['pending', 'delivered', 'blocked', 'dead', 'cancelled'] as const;

export const deliveryQuerySchema = pageQuerySchema.extend({
  state: z.enum(STATES).optional(), connectionId: z.string().max(200).optional(), reason: z.string().max(200).optional(), flowId: z.string().max(200).optional(), profileId: z.string().max(200).optional(),
  class: z.enum(['data', 'suppression']).optional(), cause: z.string().max(200).optional().meta({ description: 'Of a suppression: `consent-withdrawn`, `erased`, `segment-left`, `sync-delete` or `compare`. `GET /admin/v1/removals` shows which of them nobody has confirmed.' }),
});
export type DeliveryQuery = z.infer<typeof deliveryQuerySchema>;

/** Newest first. */
export async function listDeliveries({ collections }: AdminContext, { workspaceId, ability }: Caller, query: DeliveryQuery): Promise<Page<DeliveryView>> {
  const { limit, cursor, ...where } = query;
  const [at, id] = (decodeCursor(cursor) ?? '').split('|', 2);
  if (cursor !== undefined && (id === undefined || !/^\d+$/.test(at ?? ''))) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.');
  const after = id === undefined ? {} : { $or: [{ createdAt: { $lt: Number(at) } }, { createdAt: Number(at), _id: { $lt: storeKey(workspaceId, id) } }] };
  const stored = await collections.deliveries.find({ workspaceId, ...equals(where), ...after, ...reachFilter(ability, 'read', 'delivery') }, { sort: { createdAt: -1, _id: -1 }, limit: limit + 1 }).toArray();
  const reach = reachOf(ability, 'read', 'delivery');
  const isWanted = (row: StoredDelivery): boolean => Object.entries(where).every(([name, value]) => value === undefined || row[name as keyof typeof where] === value) && isWithinReach(reach, row)
    && (id === undefined || row.createdAt < Number(at) || (row.createdAt === Number(at) && row._id < storeKey(workspaceId, id)));
  const rows = newestFirst([...(await findInFlight(collections, workspaceId)).filter(isWanted), ...stored]);
  return toPage(rows.slice(0, limit + 1), limit, viewDelivery, (row) => `${row.createdAt}|${row._id.slice(workspaceId.length + 1)}`);
}

function equals(where: Record<string, string | undefined>): Record<string, { $eq: string }> {
  return Object.fromEntries(Object.entries(where).flatMap(([name, value]) => (value === undefined ? [] : [[name, { $eq: value }]])));
}

/** One delivery with everything that proves it. @throws FirsthandError `NOT_FOUND` */
export async function getDelivery(admin: AdminContext, { workspaceId, ability }: Caller, id: string): Promise<DeliveryWithEvidence> {
  const row = await findRow(admin.collections, workspaceId, id);
  if (row === null || !isWithinReach(reachOf(ability, 'read', 'delivery'), row)) throw new FirsthandError('NOT_FOUND');
  const proof = await findEvidence(admin, workspaceId, [row._id]);
  return { ...viewDelivery(row), exchange: row.exchange === undefined ? null : viewExchange(row.exchange), ...(proof.get(row._id) ?? { evidence: [], outcomes: [] }) };
}
