import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import { findConfigured } from '../find-configured.js';
import type { ConnectionDocument, TrackingPlanDocument } from '../../configuration/documents.js';

/** The ids of the connections that name a plan. */
export async function connectionsOfPlan({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string, planId: string): Promise<string[]> {
  return (await repository.list<ConnectionDocument>('connections', workspaceId, { where: { trackingPlan: planId } })).map(({ id }) => id);
}

/**
 * A connection names a plan only once it is published: until then nothing of it would come through.
 *
 * @throws FirsthandError `INVALID_REQUEST`
 */
export async function assertTrackingPlan({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string, planId: string | null | undefined): Promise<void> {
  if (planId === null || planId === undefined) return;
  const plan = await findConfigured<TrackingPlanDocument>(repository, 'trackingPlans', workspaceId, planId);
  if (plan === undefined || plan.content.live === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/trackingPlan', message: plan === undefined ? 'is no tracking plan' : 'is not published yet' }]);
}
