import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Lane } from '@firsthand/pipeline';
import { findConfigured } from '../admin/find-configured.js';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';

/**
 * Whether there is no such connection any more, as the store has it at this moment: one that this process knows is not looked up, and one that it cannot use is there all the same.
 *
 * @throws FirsthandError `UNAVAILABLE`
 */
export async function isDeleted({ repository, configuration }: { repository: Pick<ConfigurationRepository, 'get'>; configuration: Pick<ConfigurationSnapshot, 'workspaceIds' | 'workspace'> }, { workspaceId, connectionId }: Lane): Promise<boolean> {
  // A workspace that is not known here may be known to another process.
  if (!configuration.workspaceIds().includes(workspaceId) || configuration.workspace(workspaceId).destinations.has(connectionId)) return false;
  return (await findConfigured(repository, 'connections', workspaceId, connectionId)) === undefined;
}
