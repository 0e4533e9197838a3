import type { BuiltInRole } from '@firsthand/access';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Notice, Notifier, PipelineLog } from '@firsthand/pipeline';
import type { UserDocument, WorkspaceDocument } from '../configuration/documents.js';

/** Who answers for customers' data; the owners where nobody has the first role. */
const OFFICERS: readonly BuiltInRole[] = ['privacy-officer', 'owner'];

export interface TellOfficersOptions {
  repository: Pick<ConfigurationRepository, 'list' | 'get'>;
  notifier: Notifier;
  log: PipelineLog;
}

/** A notice in somebody's language. */
export type NoticeIn = (language: string) => Omit<Notice, 'to' | 'language' | 'workspaceName'>;

/**
 * Tells the privacy officers of a workspace, or its owners where it has none, each in their own language. Without a way to send notices the log and the metrics have to do.
 *
 * @param roles others who answer for what it is about: those of the first role that anybody has
 * @throws FirsthandError `UNAVAILABLE` when nobody at all could be told; who was told once would be told with each try for the others
 * @example await tellOfficers({ repository, notifier, log }, 'main', () => ({ kind: 'requests-overdue', count: 2, link, expiresAt: null }));
 */
export async function tellOfficers({ repository, notifier, log }: TellOfficersOptions, workspaceId: string, noticeIn: NoticeIn, roles = OFFICERS): Promise<void> {
  if (!notifier.isConfigured) return;
  const [{ content: { name } }, users] = await Promise.all([repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId), repository.list<UserDocument>('users', workspaceId)]);
  const told = roles.map((role) => users.filter(({ content }) => !content.isDisabled && content.roles.includes(role))).find((found) => found.length > 0) ?? [];
  const results = await Promise.allSettled(told.map(({ content: { email: to, language = 'en' } }) => notifier.notify({ ...noticeIn(language), to, language, workspaceName: name })));
  const failures = results.filter((result): result is PromiseRejectedResult => result.status === 'rejected');
  if (failures.length > 0 && failures.length === results.length) throw failures[0]?.reason;
  if (failures.length > 0) log.warn({ workspaceId, untold: failures.length }, 'some of those who answer for it could not be told');
}
