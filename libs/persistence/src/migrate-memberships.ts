import { memberKey, type AudienceHolder, type MemberSet } from '@firsthand/domain';
import type { Connection } from 'mongoose';
import { createCollections } from './schemas/create-collections.js';
import { collectionsOf } from './store/collections.js';
import { storeKey } from './store/store-key.js';
import type { StoredAudienceMember, StoredDelivery, StoredDisclosure } from './store/stored-rows.js';

const BATCH = 500;

/**
 * What recipients have confirmed is kept apart. For those who were put into audiences before, it is not known for certain: their sets are open, so that the next
 * one is sent, and who leaves is taken out.
 */
export async function keepMemberships(connection: Connection): Promise<void> {
  await createCollections(connection);
  const { deliveries, disclosures, audienceMembers } = collectionsOf(connection);
  const workspaces = await disclosures.distinct('workspaceId');
  for (const workspaceId of workspaces) {
    for (let after = `${workspaceId}|`; ;) {
      const page = await disclosures.find({ _id: { $gt: after, $lt: `${workspaceId}}` } }, { sort: { _id: 1 }, limit: BATCH }).toArray();
      const last = page.at(-1);
      if (last === undefined) break;
      after = last._id;
      const rows = await deliveries.find({ workspaceId, profileId: { $in: [...new Set(page.map(({ profileId }) => profileId))] }, operation: { $in: ['addMembers', 'removeMembers'] } }).toArray();
      const members = page.flatMap((disclosure) => memberOf(disclosure, rows.filter(({ profileId, connectionId, action }) => profileId === disclosure.profileId && connectionId === disclosure.connectionId && action === disclosure.action)));
      if (members.length > 0) await audienceMembers.bulkWrite(members.map((member) => ({ replaceOne: { filter: { _id: member._id }, replacement: member, upsert: true } })), { ordered: false });
    }
  }
}

/** Nothing of a destination that keeps no members. */
function memberOf({ workspaceId, connectionId, action, profileId, identifiers, firstAt }: StoredDisclosure, rows: readonly StoredDelivery[]): StoredAudienceMember[] {
  const inOrder = [...rows].sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq).filter(isEffective);
  const additions = inOrder.filter(({ operation }) => operation === 'addMembers');
  if (additions.length === 0) return [];
  const isOut = inOrder.at(-1)?.operation === 'removeMembers';
  const holders = isOut ? [] : holdersOf(additions);
  const sets = identifiers.map((set): MemberSet => ({ identifiers: set, state: isOut ? 'out' : 'open', digest: null, at: firstAt, deliveryId: additions.at(-1)?._id ?? '', holders }));
  return [{ _id: storeKey(workspaceId, connectionId, action, profileId), schemaVersion: 1, workspaceId, connectionId, action, profileId, sets, keys: identifiers.map(memberKey) }];
}

function holdersOf(additions: readonly StoredDelivery[]): AudienceHolder[] {
  const holders = additions.flatMap(({ flowId, flowVersion, stepId, segmentId, purpose }): AudienceHolder[] => (
    flowId === null || flowVersion === null || stepId === null ? [] : [{ flowId, flowVersion, stepId, segmentId, purpose }]));
  return [...new Map(holders.map((holder) => [`${holder.flowId}|${holder.stepId}`, holder])).values()];
}

/** A row that ended before its first try put nobody anywhere; a removal that did not arrive took nobody out. */
function isEffective({ operation, state, attempt }: StoredDelivery): boolean {
  return operation === 'removeMembers' ? state === 'delivered' : attempt > 0 || (state !== 'blocked' && state !== 'cancelled' && state !== 'pending');
}
