import { openDsrStatus, type JsonObject, type OpenDsrStatus } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import type { PersonExportStore, PrivacyRequestRow } from '@firsthand/pipeline';
import { OPENDSR_VERSION, type OpenDsrStatusBody } from './opendsr-schemas.js';

/** What saying how a request stands needs. */
export interface StatusDependencies {
  exports: Pick<PersonExportStore, 'find'>;
  publicUrl: string;
  clock(): number;
}

/** Where everything of OpenDSR lies under the host's address: the major version first in it (section 3.4). */
export const OPENDSR_PATH = 'opendsr/v2';

/**
 * How a request stands, in the words of OpenDSR 2.0 (sections 8.3 and 8.6). Nobody's data is in it, and what leads to a file opens to its machine's key alone.
 *
 * @param status what is told; that of now when left out
 * @throws FirsthandError UNAVAILABLE
 */
export async function statusBody(row: PrivacyRequestRow, dependencies: StatusDependencies, status: OpenDsrStatus = openDsrStatus(row.status)): Promise<OpenDsrStatusBody> {
  const { machine, dueAt, refusal, result } = row;
  const { publicUrl } = dependencies;
  const subjectRequestId = machine?.subjectRequestId ?? '';
  const hasFile = status === 'completed' && await isToBeFetched(row, dependencies);
  return {
    controller_id: machine?.controllerId ?? '', expected_completion_time: new Date(dueAt).toISOString(), subject_request_id: subjectRequestId, request_status: status, api_version: OPENDSR_VERSION,
    results_url: hasFile ? `${publicUrl}/${OPENDSR_PATH}/requests/${subjectRequestId}/results` : null, results_count: status === 'completed' ? countOf(result) : null,
    extensions: { [new URL(publicUrl).hostname]: { status: row.status, refusal, callbacks_missed: (machine?.callbacks ?? []).reduce((sum, { missed }) => sum + missed, 0) } },
  };
}

/** The id of the copy that answers a request; undefined where there is none. */
export function exportIdOf({ result }: Pick<PrivacyRequestRow, 'result'>): string | undefined {
  return typeof result?.exportId === 'string' ? result.exportId : undefined;
}

async function isToBeFetched(row: PrivacyRequestRow, { exports, clock }: StatusDependencies): Promise<boolean> {
  const exportId = exportIdOf(row);
  const made = exportId === undefined ? undefined : await exports.find(row.workspaceId, storeKey(row.workspaceId, exportId));
  return made !== undefined && made.expiresAt > clock() && made.files.some(({ fetchedAt }) => fetchedAt === null);
}

function countOf(result: JsonObject | null): number | null {
  const { files, counts } = result ?? {};
  if (typeof files === 'number') return files;
  if (typeof counts !== 'object' || counts === null || Array.isArray(counts)) return null;
  return Object.values(counts).reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
}
