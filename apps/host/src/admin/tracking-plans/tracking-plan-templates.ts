import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FirsthandError, trackingPlanSchema, type TrackingPlan } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { keySchema } from '../http/id-schema.js';
import type { PlanView } from './tracking-plan-bodies.js';
import { createPlan } from './tracking-plans.js';

/** From `src` and `dist` alike: the root of the repository. */
const FOLDER = join(import.meta.dirname, '../../../../../templates/tracking-plans');

const fileSchema = z.strictObject({ name: z.string(), description: z.string(), plan: trackingPlanSchema });

export const planTemplatesSchema = z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), description: z.string(), plan: trackingPlanSchema }).meta({ id: 'TrackingPlanTemplate' })) }).meta({ id: 'TrackingPlanTemplates' });
export interface PlanTemplate { id: string; name: string; description: string; plan: TrackingPlan }

export const planFromTemplateSchema = z.strictObject({ id: keySchema.optional(), name: z.string().min(1).max(200).optional() }).meta({ id: 'TrackingPlanFromTemplate', examples: [{ id: 'shop' }] });
export type PlanFromTemplate = z.infer<typeof planFromTemplateSchema>;

let templates: readonly PlanTemplate[] | undefined;

/** The ready-made plans, by id. Read once. */
export function planTemplates(): readonly PlanTemplate[] {
  return (templates ??= readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort().map((name) => ({ id: basename(name, '.json'), ...fileSchema.parse(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))) })));
}

/** Makes a draft of a ready-made plan. @throws FirsthandError `NOT_FOUND`, `CONFLICT` */
export async function createPlanFromTemplate(admin: AdminContext, caller: Caller, template: string, { id, name }: PlanFromTemplate): Promise<PlanView> {
  const found = planTemplates().find((one) => one.id === template);
  if (found === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such template.');
  return createPlan(admin, caller, { ...(id === undefined ? {} : { id }), name: name ?? found.name, description: found.description, plan: found.plan });
}
