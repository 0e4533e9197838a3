import type { PrivacyRequestRow, PrivacyRequestStore } from '../ports/privacy-requests.js';
import { requestPages } from '../requests/request-pages.js';
import { startErasure, type StartErasureOptions } from './start-erasure.js';

export interface CarryOutOptions extends StartErasureOptions {
  requests: Pick<PrivacyRequestStore, 'findPrivacyRequests' | 'advancePrivacyRequest'>;
}

/**
 * Begins the erasures that an officer has started, and completes their requests once the person is out of everything of ours; what recipients do is followed by the certificate. Several processes may do
 * this at once: an erasure is begun once per request.
 *
 * @example repeat(() => carryOutErasures(configuration.workspaceIds(), options), { name: 'erasure-requests', everyMs: 1_000, logger, onFailure })
 */
export async function carryOutErasures(workspaceIds: readonly string[], options: CarryOutOptions): Promise<void> {
  for (const workspaceId of workspaceIds) {
    for await (const page of requestPages(options.requests, { workspaceId, kinds: ['erasure'], statuses: ['in-progress'] })) for (const request of page) await carryOut(request, options);
  }
}

async function carryOut({ workspaceId, requestId, identities, profileId }: PrivacyRequestRow, options: CarryOutOptions): Promise<void> {
  const { requests, clock } = options;
  const { erasureId, removedAt, counts } = await startErasure({ workspaceId, requestId, identities, profileId }, options);
  if (removedAt === null) return;
  const result = { erasureId: erasureId.slice(workspaceId.length + 1), removedAt: new Date(removedAt).toISOString(), counts };
  await requests.advancePrivacyRequest(requestId, 'in-progress', { to: 'completed', at: clock(), actor: { kind: 'system', id: null }, result });
}
