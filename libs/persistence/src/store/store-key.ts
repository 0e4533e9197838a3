import { FirsthandError } from '@firsthand/domain';

/**
 * The `_id` of a row from its parts, the workspace first: what is stored apart can never be read across.
 *
 * @throws FirsthandError INTERNAL when the workspace is empty or holds a `|`: its rows could be taken for another's
 * @example storeKey(workspaceId, profileId)
 */
export function storeKey(workspaceId: string, ...parts: string[]): string {
  if (workspaceId === '' || workspaceId.includes('|')) throw new FirsthandError('INTERNAL', 'A workspace id is empty or holds a "|".');
  return `${workspaceId}|${parts.join('|')}`;
}

/**
 * Checks an id that the pipeline has made whole: it begins with its workspace.
 *
 * @throws FirsthandError INTERNAL when it does not
 * @example ownKey(workspaceId, eventId)
 */
export function ownKey(workspaceId: string, id: string): string {
  if (!id.startsWith(`${workspaceId}|`)) throw new FirsthandError('INTERNAL', 'The id of a row does not begin with its workspace.');
  return id;
}
