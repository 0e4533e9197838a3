import { DEFAULT_REQUEST_SETTINGS, requestDueAt } from '@firsthand/domain';
import type { Connection } from 'mongoose';
import { createCollections } from '../schemas/create-collections.js';

/** Requests of before there was work on them: all came with records. Their time to answer has run since they were received, by the law that holds unless another is set. */
export async function giveRequestsALife(connection: Connection): Promise<void> {
  await createCollections(connection);
  const { regime } = DEFAULT_REQUEST_SETTINGS;
  const status = { $cond: ['$content.isVerified', 'received', 'identity-check'] };
  await connection.getClient().db(connection.name).collection('privacyRequests').updateMany({ 'content.status': 'pending' }, [{ $set: {
    'content.status': status, 'content.source': 'hook', 'content.verification': { $cond: ['$content.isVerified', 'source', null] }, 'content.regime': regime, 'content.dueAt': { $add: ['$content.receivedAt', requestDueAt(regime, 0, DEFAULT_REQUEST_SETTINGS)] },
    'content.extension': null, 'content.refusal': null, 'content.details': null, 'content.result': null, 'content.machine': null, 'content.alerts': { dueSoonAt: null, overdueAt: null },
    'content.history': [{ at: '$content.receivedAt', from: null, to: status, actor: { kind: 'system', id: null }, reason: null }],
  } }]);
}
