import { randomBytes } from 'node:crypto';
import type { StoreTransaction } from '../ports/store.js';

/**
 * The salts of people whose payloads are about to be digested. One is made when it is first needed: who is never sent anything has none. They lie apart from the
 * profiles, so that erasing one row makes all digests of a person meaningless, while the chains that hold them still verify.
 */
export async function saltsOf(tx: Pick<StoreTransaction, 'findSalts' | 'insertSalts'>, workspaceId: string, profileIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(profileIds)];
  if (wanted.length === 0) return new Map();
  const salts = await tx.findSalts(workspaceId, wanted);
  const made = new Map(wanted.filter((id) => !salts.has(id)).map((id) => [id, randomBytes(16).toString('base64url')]));
  await tx.insertSalts(workspaceId, made);
  return new Map([...salts, ...made]);
}
