import { FirsthandError } from '@firsthand/domain';
import { quarantineRow, readQuarantine, storeKey, type StoredQuarantine } from '@firsthand/persistence';
import { quarantineKeptSince, type QuarantineEdit } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { pageQuerySchema, toPage, type Page } from '../http/page.js';
import { reachFilter } from '../http/reach-filter.js';
import { peopleMask } from '../profiles/people-mask.js';
import { placeOf, queryOf, readPlace } from './quarantine-selection.js';

export const quarantineQuerySchema = pageQuerySchema.extend({
  groupId: z.string().max(400).optional().meta({ description: 'A group of `GET /admin/v1/quarantine/groups`.' }), connectionId: z.string().max(200).optional(), code: z.string().max(100).optional(),
});
export type QuarantineQuery = z.infer<typeof quarantineQuerySchema>;

export const quarantineSchema = z.object({
  id: z.string(), version: z.int().meta({ description: 'Grows with each change of values.' }), groupId: z.string(), connectionId: z.string(), code: z.string(), places: z.array(z.object({ path: z.string(), message: z.string() })), mappingVersion: z.int(),
  rule: z.string().nullable().meta({ description: 'Of a tracking plan the plan and the kind of violation; null where the code says it all.' }), planVersion: z.int().nullable(),
  receivedAt: z.iso.datetime(), quarantinedAt: z.iso.datetime(),
}).meta({ id: 'QuarantinedRecord' });
export type QuarantineView = z.infer<typeof quarantineSchema>;
const change = z.object({ path: z.string(), old: z.unknown().optional(), new: z.unknown().optional() });
export const quarantineWithRawSchema = quarantineSchema.extend({
  raw: z.unknown().nullable().meta({ description: 'The record as it is now; null for who may not see personal data.' }), original: z.unknown().nullable().meta({ description: 'As it came, where values were changed; else null.' }),
  edits: z.array(z.object({ at: z.iso.datetime(), by: z.object({ kind: z.enum(['user', 'apiKey']), id: z.string() }), changes: z.array(change).meta({ description: 'Without values for who may not see personal data.' }) })),
}).meta({ id: 'QuarantinedRecordWithRaw' });
export type QuarantineViewWithRaw = QuarantineView & { raw: unknown; original: unknown; edits: { at: string; by: QuarantineEdit['by']; changes: z.infer<typeof change>[] }[] };

/** What everybody sees who may see the row. */
export function view({ _id, workspaceId, connectionId, groupId, code, places, mappingVersion, rule, planVersion, receivedAt, quarantinedAt, edits = [] }: StoredQuarantine): QuarantineView {
  return {
    id: _id.slice(workspaceId.length + 1), version: edits.length + 1, groupId, connectionId, code, places, mappingVersion, rule: rule ?? null, planVersion: planVersion ?? null, receivedAt: new Date(receivedAt).toISOString(), quarantinedAt: new Date(quarantinedAt).toISOString(),
  };
}

/** With what people sent and changed, as far as the caller may see it. */
export function viewWithRaw(stored: StoredQuarantine, showsRaw: boolean): QuarantineViewWithRaw {
  const { raw, original = null, edits = [] } = quarantineRow(stored);
  return {
    ...view(stored), raw: showsRaw ? raw : null, original: showsRaw ? original : null,
    edits: edits.map(({ at, by, changes }) => ({ at: new Date(at).toISOString(), by, changes: changes.map((one) => (showsRaw ? one : { path: one.path })) })),
  };
}

/** Those that may be kept still, whether or not the others were removed already. */
export function keptQuarantine({ operatorDays, clock }: Pick<AdminContext, 'operatorDays' | 'clock'>): { quarantinedAt?: { $gte: number } } {
  return operatorDays.quarantine === null ? {} : { quarantinedAt: { $gte: quarantineKeptSince(operatorDays, clock()) } };
}

/** In the order of receipt. */
export async function listQuarantine(admin: AdminContext, caller: Caller, { limit, cursor, ...selection }: QuarantineQuery): Promise<Page<QuarantineView>> {
  const query = { ...queryOf(admin, caller, 'read', selection), after: readPlace(caller, cursor), limit: limit + 1 };
  const rows = await readQuarantine(admin.collections.quarantine, query, { projection: { raw: 0, original: 0, 'edits.changes': 0 } });
  return toPage(rows, limit, view, placeOf);
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getQuarantined(admin: AdminContext, caller: Caller, id: string): Promise<QuarantineViewWithRaw> {
  return viewWithRaw(await readQuarantined(admin, caller, id, 'read'), peopleMask(admin, caller).showsRaw);
}

/** A row that the caller may do this with. @throws FirsthandError `NOT_FOUND` */
export async function readQuarantined(admin: AdminContext, { workspaceId, ability }: Caller, id: string, action: 'read' | 'update'): Promise<StoredQuarantine> {
  const row = await admin.collections.quarantine.findOne({ _id: storeKey(workspaceId, id), ...keptQuarantine(admin), ...reachFilter(ability, action, 'quarantine') });
  if (row === null) throw new FirsthandError('NOT_FOUND');
  return row;
}
