import { identityKey, keySpellings } from '@firsthand/domain';
import { findErasedKeys } from '../erasure/find-erased-keys.js';
import { meetNewcomers } from '../erasure/meet-newcomers.js';
import { ownIdsOfSource } from '../own-ids.js';
import type { StoreTransaction } from '../ports/store.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/**
 * The candidates that name somebody who was erased. A verified one by which a system names a record of its own beside them (a contact of the CRM that could not be erased there) shuts out the id of that record too, where nobody is known by it:
 * what the system says of the id alone would bring them back. It is let in again with the identity that it came along with.
 */
export async function keepOut(tx: Pick<StoreTransaction, 'findTombstones' | 'widenTombstone' | 'findIdentities' | 'insertIdentities' | 'removePeople'>, candidates: readonly Candidate[], { owners }: KnownPeople, { configuration, tombstoneDigest, newId, now }: Pick<ApplyContext, 'configuration' | 'tombstoneDigest' | 'newId' | 'now'>): Promise<Set<Candidate>> {
  const { workspaceId, sources, identityRules } = configuration;
  const digest = (key: string): string => tombstoneDigest(workspaceId, key);
  const erased = await findErasedKeys(tx, workspaceId, candidates.flatMap(identityKeysOf), digest);
  if (erased.size === 0) return new Set();
  /** Identity key → the one that it came along with. */
  const along = new Map<string, string>();
  const out = new Set<Candidate>();
  for (let size = -1; size !== out.size;) {
    size = out.size;
    for (const candidate of candidates) {
      const keys = identityKeysOf(candidate);
      const cause = keys.find((key) => erased.has(key)) ?? along.get(keys.find((key) => along.has(key)) ?? '');
      if (cause === undefined) continue;
      out.add(candidate);
      const { connectionId, isVerified } = candidate.item.record;
      const isOwnId = ownIdsOfSource(sources.get(connectionId), identityRules);
      if (!isVerified || isOwnId === undefined) continue;
      for (const identity of candidate.record.identities) {
        const key = identityKey(identity);
        if (isOwnId(identity) && !erased.has(key) && !along.has(key) && !owners.has(key)) along.set(key, cause);
      }
    }
  }
  for (const cause of new Set(along.values())) await tx.widenTombstone(workspaceId, keySpellings(cause).map(digest), [...along].filter(([, one]) => one === cause).map(([key]) => digest(key)), now);
  await meetNewcomers(tx, workspaceId, [...along.keys()], newId(), now);
  return out;
}
