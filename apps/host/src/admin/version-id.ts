/**
 * The id of a published version within its workspace: those of one thing lie in their order.
 *
 * @example versionId('online-shop', 7) // 'online-shop.000007'
 */
export function versionId(id: string, version: number): string {
  return `${id}.${String(version).padStart(6, '0')}`;
}
