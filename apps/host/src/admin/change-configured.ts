import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationKind, Configured } from '@firsthand/persistence';
import type { AdminContext } from './admin-context.js';

/**
 * Changes the content of one configured thing, made on the version that the caller has seen, and lets this process know it at once.
 * Without `ifMatch` it is made on whatever is there, which still must not change in between.
 *
 * @throws FirsthandError `NOT_FOUND`, `VERSION_MISMATCH`, and what `change` throws
 * @example await changeConfigured(admin, 'segments', workspaceId, id, ifMatch, (content) => ({ ...content, status: 'paused' }))
 */
export async function changeConfigured<C extends object>(
  { repository, configuration, clock }: Pick<AdminContext, 'repository' | 'configuration' | 'clock'>,
  kind: ConfigurationKind, workspaceId: string, id: string, ifMatch: number | undefined,
  change: (content: C, row: Configured<C>) => C | Promise<C>,
): Promise<Configured<C>> {
  const row = await repository.get<C>(kind, workspaceId, id);
  if (ifMatch !== undefined && row.version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${row.version}.`);
  const next = await repository.update<C>(kind, workspaceId, id, row.version, await change(row.content, row), clock());
  await configuration.refresh();
  return next;
}
