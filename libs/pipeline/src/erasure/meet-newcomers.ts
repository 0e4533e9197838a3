import type { StoreTransaction } from '../ports/store.js';

/**
 * Identities that are nobody's are taken and given back. Who makes somebody of one at this moment has looked for tombstones before there was one, and would meet this transaction at no row: now
 * both write the identity.
 *
 * @param heldBy an id that is no profile's
 */
export async function meetNewcomers(tx: Pick<StoreTransaction, 'findIdentities' | 'insertIdentities' | 'removePeople'>, workspaceId: string, identityKeys: readonly string[], heldBy: string, now: number): Promise<void> {
  const owners = await tx.findIdentities(workspaceId, identityKeys);
  const free = identityKeys.filter((key) => !owners.has(key));
  if (free.length === 0) return;
  await tx.insertIdentities(workspaceId, new Map(free.map((key) => [key, heldBy])), now);
  await tx.removePeople(workspaceId, [heldBy]);
}
