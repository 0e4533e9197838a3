import { randomBytes } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import type { ExportFormat, PrivacyRequestRow } from '@firsthand/pipeline';
import type { Response } from 'express';
import type { AdminContext } from '../admin/admin-context.js';
import type { Caller } from '../admin/http/caller.js';
import { hashOfLink } from '../admin/person-exports/person-exports.js';
import { downloadExport } from '../privacy/serve-export.js';
import { OPENDSR_VERSION, type OpenDsrCancellation, type OpenDsrStatusBody } from './opendsr-schemas.js';
import { exportIdOf, statusBody } from './status-body.js';
import { requestIdOf } from './submit-subject-request.js';

/** How a request of the machine stands. @throws FirsthandError `NOT_FOUND` for one that it has not handed in itself */
export async function getSubjectRequest(admin: AdminContext, caller: Caller, subjectRequestId: string): Promise<OpenDsrStatusBody> {
  return statusBody(await read(admin, caller, subjectRequestId), admin);
}

/** Takes a request back before its work has begun; once more is answered as the first time. @throws FirsthandError `NOT_FOUND`, `REQUEST_TRANSITION`, `CONFLICT` */
export async function cancelSubjectRequest(admin: AdminContext, caller: Caller, subjectRequestId: string): Promise<OpenDsrCancellation> {
  const row = await read(admin, caller, subjectRequestId);
  const { kind, id } = caller.principal;
  const cancelled = row.status === 'cancelled' ? row : await admin.requests.advancePrivacyRequest(row.requestId, row.status, { to: 'cancelled', at: admin.clock(), actor: { kind, id } });
  if (cancelled === undefined) throw new FirsthandError('CONFLICT', 'Somebody has just begun to work on it.');
  return { controller_id: id, subject_request_id: subjectRequestId, received_time: new Date(cancelled.history.at(-1)?.at ?? 0).toISOString(), api_version: OPENDSR_VERSION };
}

/**
 * Streams a file of the copy that answers a request, once, to the machine that handed it in. A link that was made for the copy before is over with it.
 *
 * @throws FirsthandError `NOT_FOUND` where there is none, `EXPORT_GONE`
 */
export async function fetchResults(admin: AdminContext, caller: Caller, subjectRequestId: string, format: ExportFormat, response: Response): Promise<void> {
  const { workspaceId } = caller;
  const exportId = exportIdOf(await read(admin, caller, subjectRequestId));
  if (exportId === undefined) throw new FirsthandError('NOT_FOUND', 'There are no results.');
  const token = randomBytes(32).toString('base64url');
  if (!(await admin.exports.setLink(workspaceId, storeKey(workspaceId, exportId), hashOfLink(token)))) throw new FirsthandError('EXPORT_GONE');
  await downloadExport(admin, { workspaceId, id: exportId, token, format }, response);
}

async function read({ requests }: AdminContext, caller: Caller, subjectRequestId: string): Promise<PrivacyRequestRow> {
  const row = await requests.findPrivacyRequest(requestIdOf(caller, subjectRequestId));
  if (row === undefined) throw new FirsthandError('NOT_FOUND');
  return row;
}
