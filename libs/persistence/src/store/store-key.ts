/**
 * The `_id` of a row from its parts, the workspace first: what is stored apart can never be read across.
 *
 * @example storeKey(workspaceId, profileId)
 */
export function storeKey(workspaceId: string, ...parts: string[]): string {
  return [workspaceId, ...parts].join('|');
}
