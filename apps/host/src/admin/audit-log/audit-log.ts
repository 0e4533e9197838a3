import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FirsthandError } from '@firsthand/domain';
import { verifyAuditChain, type AuditQuery, type AuditRow, type AuditVerdict } from '@firsthand/pipeline';
import type { Response } from 'express';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { csvRow } from '../http/csv-row.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';

const text = z.string().min(1).max(200).optional();
const filters = {
  actorId: text, resourceId: text, route: text, outcome: text, purpose: text, callId: text,
  from: z.iso.datetime().optional().meta({ description: 'At this time or later.' }), to: z.iso.datetime().optional().meta({ description: 'Before this time.' }),
};
export const auditQuerySchema = pageQuerySchema.extend(filters);
export type AuditLogQuery = z.infer<typeof auditQuerySchema>;
export const auditExportQuerySchema = z.object({ ...filters, format: z.enum(['ndjson', 'csv']).default('ndjson') });
export type AuditExportQuery = z.infer<typeof auditExportQuerySchema>;
export const auditVerifyQuerySchema = z.object({
  anchorSeq: z.coerce.number().int().min(1).optional().meta({ description: 'With `anchorHash`: a head that was written down elsewhere.' }), anchorHash: z.string().regex(/^[0-9a-f]{64}$/).optional(),
});
export type AuditVerifyQuery = z.infer<typeof auditVerifyQuerySchema>;

export const auditRowSchema = z.object({
  id: z.string().meta({ description: 'Its place in the chain.' }), callId: z.string(), actorKind: z.enum(['user', 'apiKey', 'system']), actorId: z.string(), method: z.string(), route: z.string(), resourceId: z.string().nullable(),
  outcome: z.string(), at: z.iso.datetime(), purpose: z.string().nullable(), reason: z.string().nullable(), reference: z.string().nullable(), fields: z.array(z.string()), chainHash: z.string(),
}).meta({ id: 'AuditRow' });
export type AuditView = z.infer<typeof auditRowSchema>;
const COLUMNS = Object.keys(auditRowSchema.shape) as (keyof AuditView)[];

const place = z.object({ seq: z.int(), hash: z.string() });
export const auditVerdictSchema = z.object({
  verified: z.int(), head: place.meta({ description: 'Write it down elsewhere: against it a later verification finds a cut tail, and a chain that was made anew.' }),
  firstBad: z.object({ seq: z.int(), problem: z.enum(['missing', 'edited', 'unlinked', 'anchor']) }).nullable(),
}).meta({ id: 'AuditVerdict' });

function view({ workspaceId: _, seq, previousHash: __, hash: chainHash, at, fields, ...row }: AuditRow): AuditView {
  return { id: String(seq), ...row, at: new Date(at).toISOString(), fields: [...fields], chainHash };
}

function queryOf({ actorId, resourceId, route, outcome, purpose, callId, from, to }: Omit<AuditLogQuery, 'limit' | 'cursor'>): AuditQuery {
  return { actorId, resourceId, route, outcome, purpose, callId, from: from === undefined ? undefined : Date.parse(from), to: to === undefined ? undefined : Date.parse(to) };
}

/** Newest first. */
export async function listAuditLog({ audit }: AdminContext, { workspaceId }: Caller, { limit, cursor, ...query }: AuditLogQuery): Promise<Page<AuditView>> {
  const after = decodeCursor(cursor);
  if (after !== undefined && !/^\d{1,12}$/.test(after)) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  const rows = await audit.find(workspaceId, queryOf(query), { limit: limit + 1, ...(after === undefined ? {} : { beforeSeq: Number(after) }) });
  return toPage(rows, limit, view, ({ seq }) => String(seq));
}

/** Streams all that matches, oldest first, one row a line. */
export async function exportAuditLog({ audit }: AdminContext, { workspaceId }: Caller, { format, ...query }: AuditExportQuery, response: Response): Promise<void> {
  response.setHeader('Cache-Control', 'no-store').setHeader('Content-Disposition', `attachment; filename="audit-log.${format}"`).type(format === 'csv' ? 'text/csv' : 'application/x-ndjson');
  const rows = audit.read(workspaceId, queryOf(query));
  async function* lines(): AsyncGenerator<string> {
    if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
    for await (const row of rows) yield format === 'csv' ? csvLine(view(row)) : `${JSON.stringify(view(row))}\n`;
  }
  await pipeline(Readable.from(lines()), response);
}

function csvLine(row: AuditView): string {
  return csvRow(COLUMNS.map((name) => {
    const value = row[name];
    return Array.isArray(value) ? value.join(' ') : (value ?? '');
  }));
}

/** Goes through the whole chain of the workspace. @throws FirsthandError `INVALID_REQUEST` for half an anchor */
export function verifyAuditLog({ audit }: AdminContext, { workspaceId }: Caller, { anchorSeq, anchorHash }: AuditVerifyQuery): Promise<AuditVerdict> {
  if ((anchorSeq === undefined) !== (anchorHash === undefined)) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/anchorHash', message: 'goes with anchorSeq' }]);
  return verifyAuditChain(audit.read(workspaceId), anchorSeq === undefined || anchorHash === undefined ? undefined : { seq: anchorSeq, hash: anchorHash });
}
