import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Notifier, PipelineLog, RemovalCount, UntoldRemovals } from '@firsthand/pipeline';
import type { Metrics } from '@firsthand/platform';
import type { UserDocument, WorkspaceDocument } from '../configuration/documents.js';

const WORDS = { late: 'not confirmed for a day', ended: 'given up, or not possible there' } as const;

/**
 * Tells a workspace's privacy officers, or its owners where it has none, which destinations have not confirmed what they were told to forget. Without a way to send
 * notices the log and the metric have to do.
 *
 * @throws FirsthandError `UNAVAILABLE` when nobody could be told
 * @example await tellOfRemovals({ repository, notifier, log }, workspaceId, untold);
 */
export async function tellOfRemovals(
  { repository, notifier, log }: { repository: Pick<ConfigurationRepository, 'list' | 'get'>; notifier: Notifier; log: PipelineLog }, workspaceId: string, untold: readonly UntoldRemovals[],
): Promise<void> {
  if (!notifier.isConfigured) return;
  const users = (await repository.list<UserDocument>('users', workspaceId, { limit: 0 })).map(({ content }) => content).filter(({ isDisabled }) => !isDisabled);
  const officers = users.filter(({ roles }) => roles.includes('privacy-officer'));
  const told = officers.length > 0 ? officers : users.filter(({ roles }) => roles.includes('owner'));
  const { content: { name } } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  const lines = untold.map(({ connectionId, as, deliveryIds, oldestAt }) => `${connectionId}: ${deliveryIds.length} ${WORDS[as]}, the first of ${new Date(oldestAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`);
  const results = await Promise.allSettled(told.map(({ email: to }) => notifier.notify({ kind: 'removals-unconfirmed', to, language: 'en', workspaceName: name, lines })));
  const failures = results.filter((result): result is PromiseRejectedResult => result.status === 'rejected');
  // Who has been told once would be told with each try for the others.
  if (failures.length > 0 && failures.length === results.length) throw failures[0]?.reason;
  if (failures.length > 0) log.warn({ workspaceId, untold: failures.length }, 'some of those who answer for withdrawals could not be told');
}

/** Shows what is open per destination; who has nothing open any more shows nothing. */
export function countRemovals({ unconfirmedRemovals }: Pick<Metrics, 'unconfirmedRemovals'>): (workspaceId: string, counts: readonly RemovalCount[]) => void {
  const shown = new Map<string, readonly RemovalCount[]>();
  return (workspaceId, counts) => {
    for (const { connectionId, as } of shown.get(workspaceId) ?? []) unconfirmedRemovals.remove(workspaceId, connectionId, as);
    for (const { connectionId, as, count } of counts) unconfirmedRemovals.labels(workspaceId, connectionId, as).set(count);
    shown.set(workspaceId, counts);
  };
}
