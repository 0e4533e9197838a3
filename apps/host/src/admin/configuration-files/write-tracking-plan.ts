import { isSameJson, trackingPlanSchema, type JsonValue, type TrackingPlan } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { TrackingPlanDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { changePlan, createPlan, publishPlan } from '../tracking-plans/tracking-plans.js';
import type { ConfigurationDocument } from './configuration-documents.js';
import { readContent } from './read-stored.js';

const planFileSchema = z.strictObject({ name: z.string().min(1).max(200), description: z.string().max(2_000).default(''), draft: trackingPlanSchema, published: trackingPlanSchema.nullable() });

/** A tracking plan as a document: the draft, and the plan that is live. */
export function trackingPlanContent({ name, description, draft, live }: TrackingPlanDocument): object {
  return { name, description, draft, published: live?.plan ?? null };
}

/**
 * What is published first, as a version of its own where it is another one; then the draft.
 *
 * @throws FirsthandError `CONFLICT` where a plan that is live would be taken out: connections may name it, and then nothing would come through
 */
export async function writeTrackingPlan(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument, stored: Configured<TrackingPlanDocument> | undefined): Promise<void> {
  const { draft, published, ...named } = readContent(planFileSchema, content);
  const first = published ?? draft;
  let version = stored?.version ?? (await createPlan(admin, caller, { id, ...named, plan: first })).version;
  const change = async (plan: TrackingPlan): Promise<void> => {
    ({ version } = await changePlan(admin, caller, id, version, { ...named, plan }));
  };
  if (published !== null && !isSameJson((stored?.content.live?.plan ?? null) as JsonValue, published as unknown as JsonValue)) {
    if (stored !== undefined) await change(published);
    ({ version } = await publishPlan(admin, caller, id, version));
  }
  if (stored !== undefined || published !== null) await change(draft);
}
