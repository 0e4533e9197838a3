import { assertTransition, OPEN_STATUSES, type Identity } from '@firsthand/domain';
import type { PrivacyRequestQuery, PrivacyRequestRow, PrivacyRequestStore } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from './collections.js';
import { ownKey } from './store-key.js';
import type { StoredPrivacyRequest } from './stored-rows.js';
import { withStoreFailures } from './with-store-failures.js';

/** A stored request as the pipeline knows it. */
export function privacyRequestRow({ _id, workspaceId, content }: StoredPrivacyRequest): PrivacyRequestRow {
  return { requestId: _id, workspaceId, ...content };
}

/** A request as it is stored: a row with a version, which every change grows. */
export function storedPrivacyRequest({ requestId, workspaceId, ...content }: PrivacyRequestRow): StoredPrivacyRequest {
  const _id = ownKey(workspaceId, requestId);
  return { _id, schemaVersion: 1, id: _id.slice(workspaceId.length + 1), workspaceId, version: 1, createdAt: content.receivedAt, updatedAt: content.receivedAt, content: { ...content, identities: content.identities.map(plain) } };
}

/**
 * Requests of data subjects on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const requests = createPrivacyRequestStore(collections);
 */
export function createPrivacyRequestStore({ privacyRequests }: Pick<Collections, 'privacyRequests'>): PrivacyRequestStore {
  const change = async (filter: mongo.Filter<StoredPrivacyRequest>, at: number, set: Record<string, unknown>, push: Record<string, unknown> = {}): Promise<PrivacyRequestRow | undefined> => {
    const found = await privacyRequests.findOneAndUpdate(filter, { $set: { ...set, updatedAt: at }, $inc: { version: 1 }, ...(Object.keys(push).length === 0 ? {} : { $push: push as mongo.PushOperator<StoredPrivacyRequest> }) }, { returnDocument: 'after' });
    return found === null ? undefined : privacyRequestRow(found);
  };
  return withStoreFailures<PrivacyRequestStore>({
    async insertPrivacyRequest(row) {
      const { _id, ...stored } = storedPrivacyRequest(row);
      return (await privacyRequests.updateOne({ _id }, { $setOnInsert: stored }, { upsert: true })).upsertedCount === 1;
    },

    async findPrivacyRequest(requestId) {
      const found = await privacyRequests.findOne({ _id: requestId });
      return found === null ? undefined : privacyRequestRow(found);
    },

    async findPrivacyRequests(query) {
      const found = await privacyRequests.find(filterOf(query), { sort: { 'content.dueAt': 1, _id: 1 }, limit: query.limit }).toArray();
      return found.map(privacyRequestRow);
    },

    async advancePrivacyRequest(requestId, from, { to, at, actor, reason = null, refusal, verification, result }) {
      // Before the write, for a step that there is not; verification makes it true with the same write.
      assertTransition({ status: from, isVerified: true }, to);
      const isVerified = verification !== undefined || !(to === 'in-progress' || to === 'completed') ? {} : { 'content.isVerified': true };
      // Whether a machine handed it in never changes. Who is to be told is told by the same write.
      const isMachines = (await privacyRequests.countDocuments({ _id: requestId, 'content.machine': { $ne: null } }, { limit: 1 })) > 0;
      const moved = await change({ _id: requestId, 'content.status': from, ...isVerified }, at, {
        'content.status': to, ...(refusal === undefined ? {} : { 'content.refusal': refusal }), ...(result === undefined ? {} : { 'content.result': result }),
        ...(verification === undefined ? {} : { 'content.verification': verification, 'content.isVerified': true }),
        ...(isMachines ? { 'content.machine.dueAt': at } : {}),
      }, { 'content.history': { at, from, to, actor, reason } });
      if (moved === undefined) {
        const found = await privacyRequests.findOne({ _id: requestId, 'content.status': from });
        if (found !== null) assertTransition(found.content, to);
      }
      return moved;
    },

    extendPrivacyRequest(requestId, { from, dueAt, reason, at }) {
      return change({ _id: requestId, 'content.dueAt': from, 'content.extension': null, 'content.status': { $in: [...OPEN_STATUSES] } }, at, { 'content.dueAt': dueAt, 'content.extension': { reason, at }, 'content.alerts': { dueSoonAt: null, overdueAt: null } });
    },

    async markRequestAlert(requestId, alert, { from, to }) {
      return (await privacyRequests.updateOne({ _id: requestId, [`content.alerts.${alert}`]: from }, { $set: { [`content.alerts.${alert}`]: to } })).modifiedCount === 1;
    },
  });
}

function filterOf({ workspaceId, kinds, statuses, dueBefore, person, after }: PrivacyRequestQuery): mongo.Filter<StoredPrivacyRequest> {
  const all: mongo.Filter<StoredPrivacyRequest>[] = [
    ...(person === undefined ? [] : [{ $or: [{ 'content.profileId': { $in: [...person.profileIds] } }, { 'content.identities': { $in: person.identities.map(plain) } }] }]),
    ...(after === undefined ? [] : [{ $or: [{ 'content.dueAt': { $gt: after.dueAt } }, { 'content.dueAt': after.dueAt, _id: { $gt: after.requestId } }] }]),
  ];
  return {
    workspaceId, ...(kinds === undefined ? {} : { 'content.kind': { $in: [...kinds] } }), ...(statuses === undefined ? {} : { 'content.status': { $in: [...statuses] } }),
    ...(dueBefore === undefined ? {} : { 'content.dueAt': { $lt: dueBefore } }), ...(all.length === 0 ? {} : { $and: all }),
  };
}

/** In one order of its fields: it is found as a whole. */
function plain({ namespace, value }: Identity): Identity {
  return { namespace, value };
}
