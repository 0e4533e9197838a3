import { DAY_MS, FirsthandError } from '@firsthand/domain';
import { storeKey, type StoredQuarantine } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';
import { reachFilter } from '../http/reach-filter.js';
import { peopleMask } from '../profiles/people-mask.js';

export const quarantineQuerySchema = pageQuerySchema.extend({ connectionId: z.string().max(200).optional(), code: z.string().max(100).optional() });
export type QuarantineQuery = z.infer<typeof quarantineQuerySchema>;

export const quarantineSchema = z.object({
  id: z.string(), connectionId: z.string(), code: z.string(), places: z.array(z.object({ path: z.string(), message: z.string() })), mappingVersion: z.int(),
  receivedAt: z.iso.datetime(), quarantinedAt: z.iso.datetime(),
}).meta({ id: 'QuarantinedRecord' });
export type QuarantineView = z.infer<typeof quarantineSchema>;
export const quarantineWithRawSchema = quarantineSchema.extend({ raw: z.unknown().nullable().meta({ description: 'The record as it came; null for who may not see personal data.' }) }).meta({ id: 'QuarantinedRecordWithRaw' });

function view({ _id, workspaceId, connectionId, code, places, mappingVersion, receivedAt, quarantinedAt }: StoredQuarantine): QuarantineView {
  return {
    id: _id.slice(workspaceId.length + 1), connectionId, code, places, mappingVersion, receivedAt: new Date(receivedAt).toISOString(), quarantinedAt: new Date(quarantinedAt).toISOString(),
  };
}

/** Those that may be kept still, whether or not the others were removed already: a sweep goes to the start of a day. */
export function keptQuarantine({ operatorDays: { quarantine }, clock }: Pick<AdminContext, 'operatorDays' | 'clock'>): { quarantinedAt?: { $gte: number } } {
  return quarantine === null ? {} : { quarantinedAt: { $gte: Math.floor(clock() / DAY_MS) * DAY_MS - quarantine * DAY_MS } };
}

/** By id. */
export async function listQuarantine(admin: AdminContext, { workspaceId, ability }: Caller, { limit, cursor, connectionId, code }: QuarantineQuery): Promise<Page<QuarantineView>> {
  const after = decodeCursor(cursor);
  const rows = await admin.collections.quarantine.find({
    workspaceId, ...keptQuarantine(admin), ...(connectionId === undefined ? {} : { connectionId: { $eq: connectionId } }), ...(code === undefined ? {} : { code: { $eq: code } }),
    ...(after === undefined ? {} : { _id: { $gt: storeKey(workspaceId, after) } }), ...reachFilter(ability, 'read', 'quarantine'),
  }, { sort: { _id: 1 }, limit: limit + 1, projection: { raw: 0 } }).toArray();
  return toPage(rows, limit, view, (row) => row._id.slice(workspaceId.length + 1));
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getQuarantined(admin: AdminContext, caller: Caller, id: string): Promise<QuarantineView & { raw: unknown }> {
  const row = await admin.collections.quarantine.findOne({ _id: storeKey(caller.workspaceId, id), ...keptQuarantine(admin), ...reachFilter(caller.ability, 'read', 'quarantine') });
  if (row === null) throw new FirsthandError('NOT_FOUND');
  return { ...view(row), raw: peopleMask(admin, caller).showsRaw ? (JSON.parse(row.raw) as unknown) : null };
}
