import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import type { FlowContent } from '../documents.js';
import { findUses, type DictionaryUse } from './find-uses.js';

/**
 * Refuses while something of the configuration names a field or an event: mappings, segments, purposes, events of one's own, and of flows the draft, the live version and every version
 * of which runs wait. Earlier versions that nobody runs through stay, for their evidence, and count no more.
 *
 * @param names whether a use names it
 * @throws FirsthandError `CONFLICT` with every user
 */
export async function refuseWhileUsed(admin: AdminContext, workspaceId: string, what: string, names: (use: DictionaryUse) => boolean): Promise<void> {
  const users = await usersOf(admin, workspaceId, names);
  if (users.length === 0) return;
  throw new FirsthandError('CONFLICT', `The ${what} is in use: ${users.slice(0, 5).map(({ by, id }) => `${by} ${id}`).join(', ')}.`, users.map(({ by, id }) => ({ path: `/${by}s/${id}`, message: `names the ${what}` })));
}

/** Who names it, each once. */
export async function usersOf({ repository, collections }: AdminContext, workspaceId: string, names: (use: DictionaryUse) => boolean): Promise<Pick<DictionaryUse, 'by' | 'id'>[]> {
  const users = new Map<string, Pick<DictionaryUse, 'by' | 'id'>>();
  for (const { by, id, version, ...use } of await findUses(repository, workspaceId)) {
    const key = `${by} ${id}`;
    if (users.has(key) || !names({ by, id, ...use })) continue;
    if (typeof version === 'number' && !(await isRunning(version, id))) continue;
    users.set(key, { by, id });
  }
  return [...users.values()];

  async function isRunning(version: number, flowId: string): Promise<boolean> {
    const { content: { liveVersion } } = await repository.get<FlowContent>('flows', workspaceId, flowId);
    return liveVersion === version || (await collections.runs.findOne({ workspaceId, flowId, flowVersion: version, dueAt: { $gt: 0 } }, { projection: { _id: 1 } })) !== null;
  }
}
