import { stableId, type JsonObject } from '@firsthand/domain';
import { identifiersOf } from '../deliver/decide-delivery.js';
import { identitiesFor } from '../deliver/identities-for.js';
import type { ErasureRecipient, ErasureRow } from '../erasure/erasure.js';
import { findShared } from '../person/find-shared.js';
import { LedgerCounts } from '../person/person-work.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { CompareContext } from './compare-listed.js';
import type { ListedCopy } from './read-copies.js';
import type { FindingRow } from './reconcile-rows.js';
import { stepOf } from './reconcile-place.js';

/**
 * Has a system forget somebody who was erased and whom it holds still. All that led to them is gone here, so it begins an erasure of its own for that copy: it names the person to the system as the system lists them, and goes the
 * way of every other, with its delivery, evidence, retries and certificate. A destination that cannot erase is told to take the person out; one that can do neither is asked by hand, as `cannot-erase` on the erasure says.
 *
 * @returns whether there is anything by which the system could be told
 */
export async function eraseCopy(tx: StoreTransaction, { record, identityKeys }: ListedCopy, { findingId, workspaceId }: FindingRow, { configuration, place, now }: CompareContext): Promise<boolean> {
  const { connection, destination, rule: { connectionId, action, purpose } } = place;
  const identifiers = namedTo(record, place, configuration);
  if (Object.keys(identifiers).length === 0) return false;
  const erasureId = `${workspaceId}|${stableId(workspaceId, 'erasure', findingId)}`;
  if ((await tx.findErasure(erasureId)) !== undefined) return true;
  const profileId = stableId(workspaceId, 'erased-copy', findingId);
  const operation: ErasureRecipient['operation'] = destination.erase !== undefined ? 'erase' : destination.removeMembers !== undefined ? 'removeMembers' : null;
  // What the system lists of them may be somebody's who is here.
  const others = await findShared(tx, workspaceId, identityKeys, []);
  const deliveryId = operation === null ? null : `${workspaceId}|${stableId(workspaceId, 'erase', erasureId, profileId, connectionId, action)}`;
  const recipient: ErasureRecipient = {
    connectionId, action, name: connection.name, kind: connection.recipient, country: connection.country, operation, deliveryId, reason: null, status: operation === null ? 'cannot-erase' : 'pending', at: now,
  };
  const row: ErasureRow = {
    erasureId, workspaceId, requestId: null, startedAt: now, profileIds: [profileId], identityKeys: identityKeys.filter((key) => !others.has(key)), people: [{ profileId, subjectKey: stableId(workspaceId, 'subject', findingId), mergedFrom: [] }], step: 'inbox', cursor: null, counts: {}, held: [],
    recipients: [recipient], removedAt: null, finishedAt: null, manualSince: null, dueAt: now,
  };
  await tx.insertErasure(row);
  if (operation === null || deliveryId === null) return true;
  await tx.addDisclosures([{ workspaceId, connectionId, action, profileId, purposes: [purpose], fields: [], identifiers: [identifiers], firstAt: now, grounds: [] }]);
  const delivery: DeliveryRow = {
    deliveryId, workspaceId, connectionId, action, operation, class: 'suppression', profileId, seq: 1, purpose, flowId: null, flowVersion: null, stepId: null, runId: null, eventId: null, segmentId: null, cause: 'erased',
    createdAt: now, dueAt: now, attempt: 0, state: 'pending', reason: null,
  };
  await tx.insertDeliveries([delivery]);
  const counts = new LedgerCounts();
  counts.add(connectionId, now, 'deliveries');
  await tx.insertLedger(workspaceId, counts.list());
  return true;
}

/** By what the system knows the person: the destination's identifiers, made of the system's own record. */
function namedTo({ profile, identities }: ListedCopy['record'], place: CompareContext['place'], { identityRules }: CompareContext['configuration']): JsonObject {
  const mapping = place.flow.mappings.get(stepOf(place).stepId);
  if (mapping === undefined) return {};
  const named = Object.fromEntries(identities.filter(({ namespace }) => namespace === 'email' || namespace === 'phone').map(({ namespace, value }) => [namespace, value]));
  return identifiersOf(mapping.apply({ profile: { ...named, ...profile }, identities: identitiesFor({ identities }, { ...place, identityRules }) }, {}) as JsonObject, place.destination.identifiers);
}
