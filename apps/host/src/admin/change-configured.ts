import { FirsthandError, type ActivityKey } from '@firsthand/domain';
import type { ConfigurationKind, ConfigurationRepository, Configured } from '@firsthand/persistence';
import { newBackfill } from '@firsthand/pipeline';
import type { AdminContext } from './admin-context.js';
import { trackedCounters } from './tracked-counters.js';

/** What follows from a change for the people of the workspace. */
export interface ChangeConsequences {
  /** It may ask for counters that nobody kept: they are filled from the stored events. */
  tracks?: boolean;
  /** What people are in may rest on it: everybody is evaluated. */
  evaluates?: boolean;
}

/**
 * Changes the content of one configured thing, made on the version that the caller has seen, and lets this process know it at once.
 * Without `ifMatch` it is made on whatever is there, which still must not change in between. The work that follows for people is stored in
 * the same transaction: no change is without it, and no crash can lose it.
 *
 * @throws FirsthandError `NOT_FOUND`, `VERSION_MISMATCH`, and what `change` throws
 * @example await changeConfigured(admin, 'segments', workspaceId, id, ifMatch, (content) => ({ ...content, status: 'paused' }))
 */
export async function changeConfigured<C extends object>(
  { repository, configuration, clock, newId }: Pick<AdminContext, 'repository' | 'configuration' | 'clock' | 'newId'>,
  kind: ConfigurationKind, workspaceId: string, id: string, ifMatch: number | undefined,
  change: (content: C, row: Configured<C>) => C | Promise<C>, { tracks = false, evaluates = false }: ChangeConsequences = {},
): Promise<Configured<C>> {
  const row = await repository.get<C>(kind, workspaceId, id);
  if (ifMatch !== undefined && row.version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${row.version}.`);
  const content = await change(row.content, row);
  const update = (scope: ConfigurationRepository) => scope.update<C>(kind, workspaceId, id, row.version, content, clock());
  const next = !tracks && !evaluates ? await update(repository) : await repository.transaction(async (scope) => {
    const before = tracks ? await trackedCounters(scope, workspaceId) : new Map<string, ActivityKey>();
    const updated = await update(scope);
    const after = tracks ? await trackedCounters(scope, workspaceId) : before;
    const counters = [...after.values()].filter(({ key }) => !before.has(key));
    if (evaluates || counters.length > 0) await scope.create('backfills', workspaceId, newId(), newBackfill(counters, clock()), clock());
    return updated;
  });
  await configuration.refresh();
  return next;
}
