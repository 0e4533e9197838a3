import { FirsthandError } from '@firsthand/domain';
import { storeKey, type StoredDelivery } from '@firsthand/persistence';
import { isOpenRemoval, LATE_AFTER_MS, TAKE_BACK_CAUSES } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { shownId } from '../deliveries/delivery-view.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';
import { reachFilter } from '../http/reach-filter.js';
import { findPerson } from '../profiles/find-person.js';
import { readRemovals } from './read-removals.js';
import type { RemovalView, Removals } from './removal-view.js';

export const removalQuerySchema = pageQuerySchema.extend({
  status: z.enum(['queued', 'sent', 'failed', 'cannot-remove', 'manual']).optional(), connectionId: z.string().max(200).optional(),
  late: z.enum(['true', 'false']).optional().meta({ description: '`true`: only those that have been open for 24 hours or more.' }),
});
export type RemovalQuery = z.infer<typeof removalQuerySchema>;

/** How far each recipient has come with what one person took back. @throws FirsthandError `NOT_FOUND` */
export async function listPersonRemovals(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<Removals> {
  const person = await findPerson(admin, workspaceId, id);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  return { id: person.profile.profileId, mergedFrom: person.profile.mergedFrom, removals: await readRemovals(admin, workspaceId, person) };
}

/**
 * What recipients were told to forget and have not confirmed, the oldest first. A page may hold fewer than asked for, where some have been confirmed by a later removal or have no
 * refusal to them any more; `nextCursor` says whether it goes on.
 */
export async function listOpenRemovals(admin: AdminContext, { workspaceId, ability }: Caller, { limit, cursor, status, connectionId, late }: RemovalQuery): Promise<Page<RemovalView>> {
  const [at, id] = (decodeCursor(cursor) ?? '').split('|', 2);
  if (cursor !== undefined && (id === undefined || !/^\d+$/.test(at ?? ''))) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.');
  const filter = {
    workspaceId, class: 'suppression' as const, cause: { $in: [...TAKE_BACK_CAUSES] }, state: { $in: ['dead' as const, 'pending' as const] }, ...(connectionId === undefined ? {} : { connectionId: { $eq: connectionId } }),
    ...(late === 'true' ? { createdAt: { $lte: admin.clock() - LATE_AFTER_MS } } : {}),
    ...(id === undefined ? {} : { $or: [{ createdAt: { $gt: Number(at) } }, { createdAt: Number(at), _id: { $gt: storeKey(workspaceId, id) } }] }),
  };
  const rows = await admin.collections.deliveries.find({ $and: [filter, reachFilter(ability, 'read', 'delivery')] }, { sort: { createdAt: 1, _id: 1 }, limit: limit + 1 }).toArray();
  const open = new Map((await removalsOf(admin, workspaceId, rows)).map((removal) => [removal.deliveryId, removal]));
  const { items, nextCursor } = toPage(rows, limit, ({ _id }) => open.get(shownId(workspaceId, _id)), (row) => `${row.createdAt}|${shownId(workspaceId, row._id)}`);
  return { items: items.filter((one): one is RemovalView => one !== undefined && (status === undefined || one.status === status) && (late !== 'false' || !one.isLate)), nextCursor };
}

/** The open removals of the people whom rows are of, as they stand. */
async function removalsOf(admin: AdminContext, workspaceId: string, rows: readonly StoredDelivery[]): Promise<RemovalView[]> {
  const people = new Map((await Promise.all([...new Set(rows.map(({ profileId }) => profileId))].map((profileId) => findPerson(admin, workspaceId, profileId))))
    .flatMap((person) => (person === undefined ? [] : [[person.profile.profileId, person] as const])));
  const views = await Promise.all([...people.values()].map((person) => readRemovals(admin, workspaceId, person)));
  return views.flat().filter(({ status }) => isOpenRemoval(status));
}
