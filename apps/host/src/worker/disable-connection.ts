import { randomUUID } from 'node:crypto';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { AuditTrail, Clock, DisableReason, Lane, Notifier } from '@firsthand/pipeline';
import type { Logger } from '@firsthand/platform';
import { auditContent } from '../admin/audit-log/audit-content.js';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import { tellOfDisabled } from './tell-of-disabled.js';
import { isDestination, type ConnectionDocument, type DestinationConnectionDocument } from '../configuration/documents.js';

/**
 * Pauses a destination that is gone or has failed for days, as the host's own deed: what waits for it stays, admins see why on the connection and in the
 * audit log, and are told once. One that is a source as well goes on taking in: only its sending stops. Does nothing when it is not enabled any more.
 *
 * @throws FirsthandError `UNAVAILABLE`, `VERSION_MISMATCH` when somebody changes it at the same time
 * @example await disableConnection({ repository, audit, configuration, notifier, clock, logger }, lane, 'gone');
 */
export async function disableConnection(
  { repository, audit, configuration, notifier, clock, logger }: { repository: ConfigurationRepository; audit: AuditTrail; configuration: Pick<ConfigurationSnapshot, 'refresh'>; notifier: Notifier; clock: Clock; logger: Logger },
  lane: Lane, reason: DisableReason,
): Promise<void> {
  const { workspaceId, connectionId } = lane;
  const at = clock();
  const { content: now } = await repository.get<ConnectionDocument>('connections', workspaceId, connectionId);
  if (!isSending(now)) return;
  const callId = randomUUID();
  const note = (outcome: string) => audit.append(workspaceId, auditContent({ callId, actorKind: 'system', actorId: 'host', method: 'SYSTEM', route: 'connection.disabled', resourceId: connectionId, outcome, at: clock() }));
  await note('started');
  const isDone = await repository.transaction(async (scope) => {
    const { content, version } = await scope.get<ConnectionDocument>('connections', workspaceId, connectionId);
    if (!isSending(content)) return false;
    await scope.update<ConnectionDocument>('connections', workspaceId, connectionId, version, content.kind === 'both' ? { ...content, disabled: { reason, at } } : { ...content, status: 'paused', disabled: { reason, at } }, at);
    return true;
  });
  await note(isDone ? reason : 'CONFLICT');
  if (isDone) logger.warn({ workspaceId, connectionId, reason }, 'A destination was disabled.');
  await configuration.refresh();
  // It is done, whoever hears of it.
  if (isDone) await tellOfDisabled({ repository, notifier, log: logger }, lane, reason).catch(() => logger.warn({ workspaceId, connectionId }, 'Nobody could be told that a destination was disabled.'));
}

function isSending(content: ConnectionDocument): content is DestinationConnectionDocument {
  return isDestination(content) && content.status === 'enabled' && content.disabled == null;
}
