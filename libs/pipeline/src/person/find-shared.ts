import type { StoreTransaction } from '../ports/store.js';

/**
 * Those of a person's identities that somebody else is known by as well: a device, or what the workspace calls shared. They stay when the person is erased, for they are the others' too.
 *
 * @param profileIds of the person, with whoever was merged into them
 * @returns key → whose it is when the person is gone: who has it now, else who of the others came first
 * @example const own = keys.filter((key) => !shared.has(key));
 */
export async function findShared(tx: Pick<StoreTransaction, 'findIdentities' | 'findSharers'>, workspaceId: string, keys: readonly string[], profileIds: readonly string[]): Promise<Map<string, string>> {
  const owners = [...await tx.findIdentities(workspaceId, keys)].filter(([, owner]) => !profileIds.includes(owner));
  const others = new Map(owners);
  const sharers = await tx.findSharers(workspaceId, keys.filter((key) => !others.has(key)), profileIds);
  return new Map([...others, ...sharers]);
}
