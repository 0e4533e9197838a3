import { randomUUID } from 'node:crypto';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Clock, DisableReason, Lane } from '@firsthand/pipeline';
import type { Logger } from '@firsthand/platform';
import type { AuditContent } from '../admin/documents.js';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import type { ConnectionDocument } from '../configuration/documents.js';

/**
 * Pauses a destination that is gone or has failed for days, as the host's own deed: what waits for it stays, admins see why on the connection and in the
 * audit log. Does nothing when it is not enabled any more.
 *
 * @throws FirsthandError `UNAVAILABLE`, `VERSION_MISMATCH` when somebody changes it at the same time
 * @example await disableConnection({ repository, configuration, clock, logger }, lane, 'gone');
 */
export async function disableConnection(
  { repository, configuration, clock, logger }: { repository: ConfigurationRepository; configuration: Pick<ConfigurationSnapshot, 'refresh'>; clock: Clock; logger: Logger },
  { workspaceId, connectionId }: Lane, reason: DisableReason,
): Promise<void> {
  const at = clock();
  const isDone = await repository.transaction(async (scope) => {
    const { content, version } = await scope.get<ConnectionDocument>('connections', workspaceId, connectionId);
    if (content.kind !== 'destination' || content.status !== 'enabled') return false;
    await scope.update<ConnectionDocument>('connections', workspaceId, connectionId, version, { ...content, status: 'paused', disabled: { reason, at } }, at);
    const row: AuditContent = { actorKind: 'system', actorId: 'host', method: 'SYSTEM', route: 'connection.disabled', resourceId: connectionId, outcome: reason, at };
    await scope.put('auditLog', workspaceId, `${String(at).padStart(14, '0')}-${randomUUID()}`, row, at);
    return true;
  });
  if (isDone) logger.warn({ workspaceId, connectionId, reason }, 'A destination was disabled.');
  await configuration.refresh();
}
