import { keySpellings } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';

/**
 * Those of these identity keys of which a tombstone stands, under whatever spelling it was set.
 *
 * @param digest of an identity key, as tombstones have it
 * @example const erased = await findErasedKeys(tx, workspaceId, ['email|ana@example.com'], digest);
 */
export async function findErasedKeys(tx: Pick<StoreTransaction, 'findTombstones'>, workspaceId: string, keys: Iterable<string>, digest: (key: string) => string): Promise<Set<string>> {
  const digests = new Map([...keys].map((key) => [key, keySpellings(key).map(digest)]));
  const stones = await tx.findTombstones(workspaceId, [...digests.values()].flat());
  return stones.size === 0 ? new Set() : new Set([...digests].filter(([, own]) => own.some((one) => stones.has(one))).map(([key]) => key));
}
