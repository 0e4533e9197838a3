import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Lane } from '@firsthand/pipeline';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';

/**
 * Whether there is no such connection any more, as the store has it at this moment: one that this process knows is not looked up, and one that it cannot use is there all the same.
 *
 * @throws FirsthandError `UNAVAILABLE`
 */
export async function isDeleted({ repository, configuration }: { repository: Pick<ConfigurationRepository, 'get'>; configuration: Pick<ConfigurationSnapshot, 'workspaceIds' | 'workspace'> }, { workspaceId, connectionId }: Lane): Promise<boolean> {
  // A workspace that is not known here may be known to another process.
  if (!configuration.workspaceIds().includes(workspaceId) || configuration.workspace(workspaceId).destinations.has(connectionId)) return false;
  try {
    await repository.get('connections', workspaceId, connectionId);
    return false;
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'NOT_FOUND') return true;
    throw error;
  }
}
