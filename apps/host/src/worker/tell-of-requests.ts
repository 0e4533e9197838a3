import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Notifier, RequestAlert } from '@firsthand/pipeline';
import type { Logger } from '@firsthand/platform';
import type { UserDocument, WorkspaceDocument } from '../configuration/documents.js';

/** Who answers for requests; the owners where nobody has the first role. */
const OFFICERS = ['privacy-officer', 'owner'] as const;

/**
 * Tells the privacy officers of a workspace, or its owners where it has none, how many requests are due or overdue: in the log, and by a notice to each. No
 * notice and no line names a customer.
 *
 * @throws FirsthandError `UNAVAILABLE`, from the function made, when nobody at all could be reached; where no way to send notices is set up the log has to do
 * @example const tell = tellOfRequests({ repository, notifier, publicUrl, logger });
 */
export function tellOfRequests({ repository, notifier, publicUrl, logger }: { repository: ConfigurationRepository; notifier: Notifier; publicUrl: string; logger: Logger }): (alert: RequestAlert) => Promise<void> {
  return async ({ workspaceId, kind, requestIds }) => {
    logger.warn({ workspaceId, requests: requestIds.length }, kind === 'overdue' ? 'Requests of data subjects are overdue.' : 'Requests of data subjects are due within three days.');
    if (!notifier.isConfigured) return;
    const [workspace, users] = await Promise.all([repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId), repository.list<UserDocument>('users', workspaceId)]);
    const told = OFFICERS.map((role) => users.filter(({ content }) => !content.isDisabled && content.roles.includes(role))).find((found) => found.length > 0) ?? [];
    const sent = await Promise.allSettled(told.map(({ content: { email } }) => notifier.notify({
      kind: kind === 'overdue' ? 'requests-overdue' : 'requests-due-soon', to: email, language: 'en', workspaceName: workspace.content.name, count: requestIds.length, link: `${publicUrl}/docs`, expiresAt: null,
    })));
    const failed = sent.find((one) => one.status === 'rejected');
    if (failed !== undefined && sent.every(({ status }) => status === 'rejected')) throw failed.reason;
  };
}
