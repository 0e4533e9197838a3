import { z } from 'zod';
import { SYNC_MODES } from '../audience/sync-mode.js';
import type { Mapping, MappingPart, MappingValue } from '../mapping/mapping.js';
import { conditionSchema } from '../segment/condition-schema.js';
import { eventPathSchema, whereSchema } from '../segment/leaf-schemas.js';
import type { Condition } from '../segment/condition.js';
import { spanMs, spanSchema } from '../segment/span.js';
import { MAX_CAP_MS } from './contact-limits.js';
import type { FlowDefinition } from './flow.js';

/** A flow may have so many steps. */
export const MAX_FLOW_STEPS = 50;

const id = z.string().min(1).max(200);
const stepId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { message: 'must be 1 to 64 letters, digits, - or _' });
const next = stepId.nullable().describe('The id of the step to go on with; null ends the run. The one that follows, when left out.');
const channel = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, { message: 'must be 1 to 40 small letters, digits or -' });
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { message: 'must be a time from 00:00 to 23:59' });
const timeZone = z.string().min(1).max(100).describe('An IANA time zone.');
const window = { from: timeOfDay, to: timeOfDay, days: z.array(z.int().min(1).max(7)).min(1).max(7).optional().describe('ISO weekdays, 1 is Monday.') };

/** What is inside a tree is for the mapping's compiler to judge: it names the place. */
const mappingValueSchema = z
  .union([z.string(), z.record(z.string(), z.unknown())], { error: 'must be a template or an object' })
  .meta({ id: 'FlowMappingValue', description: 'A template, a literal { $const }, a list { $each }, a choice { $when }, or a tree of them.' }) as z.ZodType<MappingValue>;
const mappingPartSchema = z.record(z.string(), mappingValueSchema) as z.ZodType<MappingPart>;
const mappingSchema: z.ZodType<Mapping> = z.union([mappingPartSchema, z.array(mappingPartSchema).min(1).max(20)], {
  error: 'must be an object of target to value, or a list of them',
});

function triggerOver(over: z.ZodType<Condition>) {
  const condition = over.optional();
  return z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('event'), name: id, where: whereSchema.optional(), condition }),
    z.strictObject({ type: z.literal('segment'), segmentId: id, on: z.enum(['entered', 'left', 'both']), condition }),
    z.strictObject({ type: z.literal('profile'), fields: z.array(id).min(1).max(100).optional(), condition }),
    z.strictObject({ type: z.literal('consent'), purpose: id, on: z.enum(['granted', 'refused', 'both']), condition }),
    z.strictObject({ type: z.literal('schedule'), cron: z.string().min(9).max(100), timeZone: timeZone.optional(), anniversaryOf: id.optional(), condition }),
    z.strictObject({ type: z.literal('api'), condition }),
  ]);
}

function awaitedOver(condition: z.ZodType<Condition>) {
  return { event: z.strictObject({ name: id, where: whereSchema.optional(), sameKey: z.union([z.boolean(), eventPathSchema], { error: 'must be true, or a path in the event' }).optional().describe('Only an event that gives the key of the run; with a path one that has the key there, as order.lines.productId.') }).optional(), condition: condition.optional() };
}

/** The steps, over a schema for the conditions in them: the whole one for HTTP, an open one where each place is to be named. */
function stepsOver(condition: z.ZodType<Condition>) {
  const linked = { id: stepId, next: next.optional() };
  const step = z.discriminatedUnion('type', [
    z.strictObject({ ...linked, type: z.literal('filter'), condition }),
    z.strictObject({ id: stepId, type: z.literal('branch'), branches: z.array(z.strictObject({ condition, next })).min(1).max(20), else: next.optional() }),
    z.strictObject({ ...linked, type: z.literal('split'), branches: z.array(z.strictObject({ percent: z.number().min(0.01).max(100), next })).min(1).max(20) }),
    z.strictObject({ ...linked, type: z.literal('delay'), span: spanSchema }),
    z.strictObject({ ...linked, type: z.literal('waitUntil'), ...awaitedOver(condition), timeout: spanSchema, onTimeout: next.optional() }),
    z.strictObject({ ...linked, ...window, type: z.literal('window'), timeZone: timeZone.optional() }),
    z.strictObject({ ...linked, type: z.literal('setField'), field: id, value: mappingValueSchema }),
    z.strictObject({ ...linked, type: z.literal('addToList'), segmentId: id }),
    z.strictObject({ ...linked, type: z.literal('removeFromList'), segmentId: id }),
    z.strictObject({
      ...linked, type: z.literal('deliver'), connectionId: id, action: id, mapping: mappingSchema.optional(), purpose: id.optional(),
      channel: channel.optional(), whenLimited: z.enum(['postpone', 'skip', 'end']).optional(),
      sync: z.enum(SYNC_MODES).optional().describe('Of an action that keeps members: what it does to the audience; mirror when left out.'),
    }),
    z.strictObject({
      ...linked, type: z.literal('call'), connectionId: id, action: id, mapping: mappingSchema.optional(), purpose: id.optional(), timeout: spanSchema.optional(), onFailure: z.enum(['exit', 'continue']).optional(),
    }),
    z.strictObject({ id: stepId, type: z.literal('goal'), name: z.string().min(1).max(100) }),
    z.strictObject({ id: stepId, type: z.literal('exit') }),
  ]);
  return z.array(step).min(1).max(MAX_FLOW_STEPS);
}

function contentOver(condition: z.ZodType<Condition>) {
  return {
    name: z.string().min(1).max(200),
    purpose: id,
    trigger: triggerOver(condition),
    acceptsHistorical: z.boolean(),
    key: z.string().min(1).max(1_000).optional(),
    reentry: z.union([z.enum(['never', 'one-at-a-time']), z.strictObject({ after: spanSchema })], { error: 'must be never, one-at-a-time, or { after: … } with a span' }).optional(),
    goal: z.strictObject({ name: z.string().min(1).max(100), ...awaitedOver(condition) }).optional().describe('Ends a run with its goal reached, at whatever step it waits.'),
    exit: z.strictObject(awaitedOver(condition)).optional().describe('Ends a run, at whatever step it waits.'),
    steps: stepsOver(condition),
  };
}
const identity = { flowId: id, version: z.int().min(1) };

/**
 * The Zod schema of what people write of a flow: all but its id and version. For HTTP bodies; it changes nothing.
 *
 * @example @Body({ schema: flowContentSchema })
 */
export const flowContentSchema = z.strictObject(contentOver(conditionSchema)).meta({ id: 'FlowContent' });

/** The Zod schema of a {@link FlowDefinition}. What it names may still not exist: see `parseFlow`. */
export const flowDefinitionSchema: z.ZodType<FlowDefinition> = z.strictObject({ ...identity, ...contentOver(conditionSchema) }).meta({ id: 'FlowDefinition' });

/** As {@link flowDefinitionSchema}, with the conditions left open: `validateFlow` names each place in them. */
export const openFlowSchema: z.ZodType<FlowDefinition> = z.strictObject({ ...identity, ...contentOver(z.custom<Condition>(() => true)) });

/** The Zod schema of the caps, quiet hours and time zone of a workspace. The channel `*` is every channel together. */
export const flowSettingsSchema = z.strictObject({
  timeZone,
  quietHours: z.array(z.strictObject({ channel: z.union([z.literal('*'), channel]), ...window })).max(50),
  caps: z.array(z.strictObject({ channel: z.union([z.literal('*'), channel]), limit: z.int().min(1).max(1_000), per: spanSchema.refine((span) => spanMs(span) <= MAX_CAP_MS, { message: 'is longer than 90 days' }) })).max(50),
});
