import type { RequestAlert } from '@firsthand/pipeline';
import { tellOfficers, type TellOfficersOptions } from './tell-officers.js';

/**
 * Tells those who answer for a workspace's data how many requests are due or overdue: in the log, and by a notice to each. No notice and no line names a customer.
 *
 * @throws FirsthandError `UNAVAILABLE`, from the function made, when nobody at all could be told
 * @example const tell = tellOfRequests({ repository, notifier, log, publicUrl });
 */
export function tellOfRequests({ publicUrl, ...options }: TellOfficersOptions & { publicUrl: string }): (alert: RequestAlert) => Promise<void> {
  return ({ workspaceId, kind, requestIds }) => {
    options.log.warn({ workspaceId, requests: requestIds.length }, kind === 'overdue' ? 'Requests of data subjects are overdue.' : 'Requests of data subjects are due within three days.');
    return tellOfficers(options, workspaceId, () => ({ kind: kind === 'overdue' ? 'requests-overdue' : 'requests-due-soon', count: requestIds.length, link: `${publicUrl}/docs`, expiresAt: null }));
  };
}
