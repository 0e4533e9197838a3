import { stableId } from '@firsthand/domain';
import { findErasedKeys } from '../erasure/find-erased-keys.js';
import type { StoreTransaction } from '../ports/store.js';
import { asksForErasure } from '../requests/asks-for-erasure.js';
import { openRequest } from '../requests/open-request.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';

/**
 * Stores a request for each record that says a person asked to be erased. That needs no consent: also a record that is otherwise
 * refused makes one. Somebody who is erased already asks for nothing more, and their identities must not come back.
 *
 * @param candidates without duplicates
 * @param echoes ids of events that tell of what we had the system do ourselves: nobody asks for anything by them
 * @param ownerOf the profile that a candidate belongs to
 */
export async function storePrivacyRequests(
  tx: StoreTransaction, candidates: readonly Candidate[], echoes: ReadonlySet<string>, ownerOf: (candidate: Candidate) => string | undefined, context: ApplyContext,
): Promise<void> {
  const asking = candidates.filter(({ eventId, record }) => asksForErasure(record) && !echoes.has(eventId));
  if (asking.length === 0) return;
  const { workspaceId, requestSettings } = context.configuration;
  const erased = await findErasedKeys(tx, workspaceId, asking.flatMap(identityKeysOf), (key) => context.tombstoneDigest(workspaceId, key));
  const requests = asking.filter((candidate) => !identityKeysOf(candidate).some((key) => erased.has(key)));
  await tx.insertPrivacyRequests(requests.map((candidate) => {
    const { eventId, record, item: { record: { connectionId, isVerified, receivedAt } } } = candidate;
    return openRequest({
      requestId: `${workspaceId}|${stableId(workspaceId, 'privacy-request', eventId)}`, workspaceId, kind: 'erasure', identities: record.identities, profileId: ownerOf(candidate) ?? null, country: null, source: 'hook', connectionId, eventId,
      verification: isVerified ? 'source' : null, actor: { kind: 'system', id: null }, requestedAt: record.occurredAt,
    }, requestSettings, receivedAt);
  }));
}
