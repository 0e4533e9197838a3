import { OPEN_STATUSES } from '@firsthand/domain';
import type { Clock } from '../ports/configuration.js';
import type { PrivacyRequestRow, PrivacyRequestStore } from '../ports/privacy-requests.js';
import { requestPages } from './request-pages.js';

/** How long before its due date a request is told of. */
export const DUE_SOON_MS = 3 * 86_400_000;

/** What the officers of a workspace are told of: requests that they have not been told of as such. */
export interface RequestAlert {
  workspaceId: string;
  kind: 'dueSoon' | 'overdue';
  requestIds: readonly string[];
}

export interface RequestAlertOptions {
  requests: Pick<PrivacyRequestStore, 'findPrivacyRequests' | 'markRequestAlert'>;
  clock: Clock;
  /** Tells the officers. Rejects when nobody could be reached: then it is told again. */
  tell(alert: RequestAlert): Promise<void>;
  /** How many stand so in a workspace now. */
  observe(workspaceId: string, counts: Record<RequestAlert['kind'], number>): void;
}

/**
 * Looks for requests that are to be answered within three days, or should have been, and tells of each once as either. Several processes may do this at once:
 * who marks a request tells of it. A process that dies between the two leaves one untold; the numbers that `observe` gets go on showing it.
 *
 * @example repeat(() => alerts.tick(configuration.workspaceIds()), { name: 'request-alerts', everyMs: 60_000, logger, onFailure })
 */
export function createRequestAlerts({ requests, clock, tell, observe }: RequestAlertOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  async function alert(workspaceId: string, kind: RequestAlert['kind'], rows: readonly PrivacyRequestRow[], now: number): Promise<void> {
    const field = kind === 'overdue' ? 'overdueAt' : 'dueSoonAt';
    const taken: string[] = [];
    for (const { requestId, alerts } of rows) if (alerts[field] === null && await requests.markRequestAlert(requestId, field, { from: null, to: now })) taken.push(requestId);
    if (taken.length === 0) return;
    try {
      await tell({ workspaceId, kind, requestIds: taken });
    } catch (error) {
      for (const requestId of taken) await requests.markRequestAlert(requestId, field, { from: now, to: null });
      throw error;
    }
  }

  return {
    async tick(workspaceIds) {
      const now = clock();
      for (const workspaceId of workspaceIds) {
        const counts = { dueSoon: 0, overdue: 0 };
        for await (const page of requestPages(requests, { workspaceId, statuses: OPEN_STATUSES, dueBefore: now + DUE_SOON_MS })) {
          const overdue = page.filter(({ dueAt }) => dueAt <= now);
          const soon = page.filter(({ dueAt }) => dueAt > now);
          counts.overdue += overdue.length;
          counts.dueSoon += soon.length;
          await alert(workspaceId, 'overdue', overdue, now);
          await alert(workspaceId, 'dueSoon', soon, now);
        }
        observe(workspaceId, counts);
      }
    },
  };
}
