import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationKind, ConfigurationRepository, Configured } from '@firsthand/persistence';

/**
 * One thing of the configuration; undefined where there is none.
 *
 * @example await findConfigured<RoleDocument>(repository, 'roles', workspaceId, 'support')
 */
export async function findConfigured<T>(repository: Pick<ConfigurationRepository, 'get'>, kind: ConfigurationKind, workspaceId: string, id: string): Promise<Configured<T> | undefined> {
  try {
    return await repository.get<T>(kind, workspaceId, id);
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
