import { FirsthandError, OPEN_STATUSES, REQUEST_KINDS, REQUEST_STATUSES } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';
import { viewPrivacyRequest, type PrivacyRequestView } from './privacy-request-view.js';

/** Query of the list. Values that exclude each other give nothing. */
export const requestQuerySchema = pageQuerySchema.extend({
  status: z.enum(REQUEST_STATUSES).optional(), kind: z.enum(REQUEST_KINDS).optional(), dueBefore: z.iso.datetime().optional().meta({ description: 'What has to be answered before this time.' }),
  overdue: z.enum(['true', 'false']).default('false').meta({ description: '`true`: only what is not answered and should be.' }),
});
export type RequestQuery = z.infer<typeof requestQuerySchema>;

/** By due date, the first due first. */
export async function listPrivacyRequests({ requests, clock }: AdminContext, { workspaceId }: Caller, { status, kind, dueBefore, overdue, limit, cursor }: RequestQuery): Promise<Page<PrivacyRequestView>> {
  const now = clock();
  const isOverdue = overdue === 'true';
  const statuses = isOverdue ? OPEN_STATUSES.filter((one) => status === undefined || one === status) : status === undefined ? undefined : [status];
  const before = Math.min(dueBefore === undefined ? Infinity : Date.parse(dueBefore), isOverdue ? now + 1 : Infinity);
  const after = placeOf(cursor, workspaceId);
  const rows = await requests.findPrivacyRequests({
    workspaceId, limit: limit + 1, ...(statuses === undefined ? {} : { statuses }), ...(kind === undefined ? {} : { kinds: [kind] }), ...(before === Infinity ? {} : { dueBefore: before }), ...(after === undefined ? {} : { after }),
  });
  return toPage(rows, limit, (row) => viewPrivacyRequest(row, now), ({ dueAt, requestId }) => `${dueAt} ${requestId.slice(workspaceId.length + 1)}`);
}

function placeOf(cursor: string | undefined, workspaceId: string): { dueAt: number; requestId: string } | undefined {
  const text = decodeCursor(cursor);
  if (text === undefined) return undefined;
  const [, dueAt, id] = /^(-?\d{1,16}) (.{1,300})$/.exec(text) ?? [];
  if (dueAt === undefined || id === undefined) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  return { dueAt: Number(dueAt), requestId: storeKey(workspaceId, id) };
}
