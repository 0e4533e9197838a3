import { DEFAULT_PLAN_ACTIONS, trackingPlanSchema, type TrackingPlan } from '@firsthand/domain';
import { z } from 'zod';
import { keySchema } from '../http/id-schema.js';

const name = z.string().min(1).max(200);
const description = z.string().max(2_000);

export const PLAN_EXAMPLE: TrackingPlan = {
  actions: { ...DEFAULT_PLAN_ACTIONS, missingRequired: 'quarantine', unplannedProperty: 'strip' },
  events: [{ name: 'Product Viewed', fields: [{ path: 'properties.productId', type: 'string', required: true }, { path: 'properties.price', type: 'money' }] }],
};

export const newPlanSchema = z.strictObject({ id: keySchema.optional(), name, description: description.optional(), plan: trackingPlanSchema })
  .meta({ id: 'NewTrackingPlan', examples: [{ id: 'shop', name: 'Online shop', plan: PLAN_EXAMPLE }] });
export type NewPlan = z.infer<typeof newPlanSchema>;
export const planChangeSchema = z.strictObject({ name: name.optional(), description: description.optional(), plan: trackingPlanSchema.optional() })
  .meta({ id: 'TrackingPlanChange', examples: [{ plan: PLAN_EXAMPLE }] });
export type PlanChange = z.infer<typeof planChangeSchema>;
export const planRollBackSchema = z.strictObject({ version: z.int().min(1) }).meta({ id: 'TrackingPlanRollBack', examples: [{ version: 1 }] });
export type PlanRollBack = z.infer<typeof planRollBackSchema>;

const published = z.object({ version: z.int(), publishedAt: z.iso.datetime() });
const summary = {
  id: z.string(), version: z.int(), name: z.string(), description: z.string(), live: published.nullable().meta({ description: 'The version that events are judged by.' }),
  connections: z.array(z.string()).meta({ description: 'The connections whose events it judges.' }), events: z.int().meta({ description: 'Of the draft.' }),
};
export const planSummarySchema = z.object(summary).meta({ id: 'TrackingPlanSummary' });
export type PlanSummary = z.infer<typeof planSummarySchema>;
export const planViewSchema = z.object({
  ...summary, draft: trackingPlanSchema, versions: z.array(published),
  warnings: z.array(z.object({ path: z.string(), message: z.string() })).meta({ description: 'Planned fields that are in no dictionary: they are judged, and then not kept.' }),
}).meta({ id: 'TrackingPlan' });
export interface PlanView extends PlanSummary { draft: TrackingPlan; versions: z.infer<typeof published>[]; warnings: { path: string; message: string }[] }
export const planVersionSchema = published.extend({ plan: trackingPlanSchema }).meta({ id: 'TrackingPlanVersion' });
export interface PlanVersion { version: number; publishedAt: string; plan: TrackingPlan }

export const SUMMARY_EXAMPLE: PlanSummary = { id: 'shop', version: 3, name: 'Online shop', description: '', live: { version: 1, publishedAt: '2026-11-24T08:00:00.000Z' }, connections: ['online-shop'], events: 1 };
export const VIEW_EXAMPLE: PlanView = { ...SUMMARY_EXAMPLE, draft: PLAN_EXAMPLE, versions: [{ version: 1, publishedAt: '2026-11-24T08:00:00.000Z' }], warnings: [] };

const days = z.int().min(1).max(90);
const perEvent = z.int().min(1).max(2_000);
export const planDryRunSchema = z.strictObject({
  days: days.default(7), perEvent: perEvent.default(500).meta({ description: 'At most so many of each event, the newest.' }),
  connections: z.array(z.string().min(1).max(200)).min(1).max(50).optional().meta({ description: 'Whose events; those that have the plan when left out.' }),
}).meta({ id: 'TrackingPlanDryRunBody', examples: [{ days: 7 }] });
export type PlanDryRunBody = z.infer<typeof planDryRunSchema>;

const verdicts = z.object({ passed: z.int(), quarantined: z.int(), refused: z.int() });
export const planDryRunResultSchema = z.object({
  since: z.iso.datetime(), judged: z.int(), fromRaw: z.int().meta({ description: 'Judged as they came. Of the others the raw record is kept no longer: they are judged as they are stored, so that what the dictionary has repaired looks right.' }),
  isComplete: z.boolean().meta({ description: 'Whether all events of that time were judged.' }),
  now: verdicts.nullable().meta({ description: 'What the live version says; null where none is.' }), then: verdicts.meta({ description: 'What the draft says.' }),
  events: z.array(z.object({
    name: z.string(), judged: z.int(), then: verdicts,
    violations: z.array(z.object({ kind: z.string(), path: z.string(), action: z.string(), count: z.int(), eventIds: z.array(z.string()) })).meta({ description: 'By place, with a few events; no value of them.' }),
  })),
  quarantine: z.object({ judged: z.int(), wouldPass: z.int() }).meta({ description: 'Of what the live version has put aside in that time.' }),
}).meta({ id: 'TrackingPlanDryRun' });
export type PlanDryRun = z.infer<typeof planDryRunResultSchema>;
export const DRY_RUN_RESULT_EXAMPLE: PlanDryRun = {
  since: '2026-11-17T08:00:00.000Z', judged: 120, fromRaw: 120, isComplete: true, now: { passed: 120, quarantined: 0, refused: 0 }, then: { passed: 117, quarantined: 3, refused: 0 },
  events: [{ name: 'Product Viewed', judged: 120, then: { passed: 117, quarantined: 3, refused: 0 }, violations: [{ kind: 'missingRequired', path: 'properties.productId', action: 'quarantine', count: 3, eventIds: ['e5Kd…'] }] }],
  quarantine: { judged: 0, wouldPass: 0 },
};

export const generatePlanSchema = z.strictObject({
  id: keySchema.optional(), name, connections: z.array(z.string().min(1).max(200)).min(1).max(50), days: days.default(30), perEvent: perEvent.default(1_000),
}).meta({ id: 'GenerateTrackingPlan', examples: [{ id: 'shop', name: 'Online shop', connections: ['online-shop'], days: 30 }] });
export type GeneratePlan = z.infer<typeof generatePlanSchema>;
export const generatedPlanSchema = z.object({
  plan: planViewSchema, observed: z.int(), leftOut: z.array(z.string()).meta({ description: 'Events and places of fields whose names break the convention.' }),
}).meta({ id: 'GeneratedTrackingPlan' });
export interface GeneratedPlan { plan: PlanView; observed: number; leftOut: string[] }

export const planViolationsQuerySchema = z.object({
  connectionId: z.string().max(200).optional(), from: z.iso.datetime().optional().meta({ description: 'Of records received from this minute on; 24 hours ago when left out.' }), to: z.iso.datetime().optional(),
});
export type PlanViolationsQuery = z.infer<typeof planViolationsQuerySchema>;
export const planViolationsSchema = z.object({
  from: z.iso.datetime(), to: z.iso.datetime(),
  items: z.array(z.object({ connectionId: z.string(), received: z.int(), violations: z.record(z.string(), z.record(z.string(), z.int())).meta({ description: 'Kind to action to count. `failed`: the plan could not judge.' }) })),
}).meta({ id: 'TrackingPlanViolations' });
export type PlanViolations = z.infer<typeof planViolationsSchema>;
