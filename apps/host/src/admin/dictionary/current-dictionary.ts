import type { Dictionary } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';

/** The dictionary as it is stored at this moment: a name that another process has given a moment ago is taken here, too. */
export async function currentDictionary({ configuration }: Pick<AdminContext, 'configuration'>, workspaceId: string): Promise<Dictionary> {
  await configuration.refresh();
  return configuration.workspace(workspaceId).dictionary;
}
