import { identityKey, type CanonicalRecord } from '@firsthand/domain';

/** The partition of a record: by its strongest identity, so that one person's records mostly meet in one document. FNV-1a. */
export function partitionOf(record: CanonicalRecord | null, partitions: number): number {
  const identity = record?.identities[0];
  if (identity === undefined) return 0;
  const key = identityKey(identity);
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % partitions;
}
