import type { Clock } from '../ports/configuration.js';
import type { PersonExportRow, PersonExportStore } from './person-export-store.js';

/** How long the files are kept when nobody fetches them. */
export const EXPORT_LIFETIME_MS = 7 * 86_400_000;

/** A copy that is asked for. */
export interface PersonExportOrder {
  workspaceId: string;
  profileId: string;
  /** Makes a repeat of the same order the same copy: of a privacy request its id. */
  orderId: string;
  requestId: string | null;
  /** BCP 47, of the page that people read. */
  language: string;
}

/**
 * Asks for a copy of everything about a person (GDPR art. 15 and 20, CCPA § 1798.110, PIPL art. 45); a worker makes it. The same order again is the same copy, and
 * one that failed begins anew.
 *
 * @throws FirsthandError UNAVAILABLE
 * @example await orderPersonExport({ workspaceId, profileId, orderId: requestId, requestId, language: 'en' }, { exports, clock });
 */
export function orderPersonExport({ workspaceId, profileId, orderId, requestId, language }: PersonExportOrder, { exports, clock }: { exports: PersonExportStore; clock: Clock }): Promise<PersonExportRow> {
  const now = clock();
  return exports.order({
    exportId: `${workspaceId}|${orderId}`, workspaceId, profileId, requestId, language, createdAt: now, state: 'pending', dueAt: now, fence: 0, attempt: 0, files: [], linkHash: null, noticedAt: null, expiresAt: now + EXPORT_LIFETIME_MS,
  });
}
