import { z } from 'zod';
import { PLAN_ACTIONS, PLAN_FIELD_TYPES, VIOLATION_KINDS, type PlanAction, type TrackingPlan, type ViolationKind } from './tracking-plan.js';

/** A plan may hold so many events, */
export const MAX_PLAN_EVENTS = 1_000;
/** so many fields in all, */
export const MAX_PLAN_FIELDS = 10_000;
/** and so many different patterns. */
export const MAX_PLAN_PATTERNS = 200;

const action = z.enum(PLAN_ACTIONS);
const overKinds = <T extends z.ZodType>(schema: T) => Object.fromEntries(VIOLATION_KINDS.map((kind) => [kind, schema])) as Record<ViolationKind, T>;

const fieldSchema = z.strictObject({
  path: z.string().min(1).max(200).meta({ description: 'As in the dictionary: `properties.price`, `order.lines.sku`.' }),
  type: z.enum(PLAN_FIELD_TYPES),
  required: z.boolean().optional(),
  description: z.string().max(2_000).optional(),
  values: z.array(z.union([z.string().max(200), z.number()])).min(1).max(200).optional().meta({ description: 'The only values that it may have.' }),
  pattern: z.string().min(1).max(200).optional().meta({ description: 'A regular expression for the whole text.' }),
  minimum: z.number().optional(), maximum: z.number().optional(), maxLength: z.int().min(1).max(8_192).optional(),
  default: z.json().optional().meta({ description: 'What `coerce` puts in the place of a required field that is missing.' }),
}).meta({ id: 'TrackingPlanField' });

const eventSchema = z.strictObject({
  name: z.string().min(1).max(200).meta({ description: 'Title Case "Object Action", as it is after the mapping.' }),
  description: z.string().max(2_000).optional(),
  fields: z.array(fieldSchema).max(1_000).optional(),
  schema: z.record(z.string(), z.json()).optional().meta({ description: 'In place of `fields`: a JSON Schema (2020-12) of the event\'s sections, `{ "properties": { "properties": { … } } }`. References stay within it and make no circle.' }),
  sources: z.array(z.string().min(1).max(200)).min(1).max(100).optional().meta({ description: 'The connections that may send it; all that have the plan when left out.' }),
  actions: z.strictObject(overKinds(action.optional())).optional().meta({ description: 'Where they differ from the plan\'s.' }),
}).meta({ id: 'TrackingPlanEvent' });

/**
 * The Zod schema of a {@link TrackingPlan}, for HTTP bodies and stored rows: shapes and sizes. What a plan has to be beyond that `checkTrackingPlan` says.
 *
 * @example trackingPlanSchema.parse({ actions: DEFAULT_PLAN_ACTIONS, events: [] })
 */
export const trackingPlanSchema = z.strictObject({
  actions: z.strictObject(overKinds(action as z.ZodType<PlanAction>)),
  events: z.array(eventSchema).max(MAX_PLAN_EVENTS),
}).meta({
  id: 'TrackingPlanContent',
  examples: [{
    actions: { unplannedEvent: 'quarantine', missingRequired: 'quarantine', wrongType: 'coerce', valueNotAllowed: 'flag', unplannedProperty: 'strip', badName: 'coerce' },
    events: [{ name: 'Product Viewed', fields: [{ path: 'properties.productId', type: 'string', required: true }, { path: 'properties.price', type: 'money' }] }],
  }],
}) as unknown as z.ZodType<TrackingPlan>;
