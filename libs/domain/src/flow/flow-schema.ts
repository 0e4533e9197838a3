import { z } from 'zod';
import type { Mapping, MappingPart, MappingValue } from '../mapping/mapping.js';
import { conditionSchema } from '../segment/condition-schema.js';
import { whereSchema } from '../segment/leaf-schemas.js';
import type { Condition } from '../segment/condition.js';
import { spanSchema } from '../segment/span.js';
import type { FlowDefinition } from './flow.js';

/** A flow may have so many steps. */
export const MAX_FLOW_STEPS = 50;

const id = z.string().min(1).max(200);
const stepId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { message: 'must be 1 to 64 letters, digits, - or _' });

/** What is inside a tree is for the mapping's compiler to judge: it names the place. */
const mappingValueSchema = z
  .union([z.string(), z.record(z.string(), z.unknown())], { error: 'must be a template or an object' })
  .meta({ id: 'FlowMappingValue', description: 'A template, a literal { $const }, a list { $each }, a choice { $when }, or a tree of them.' }) as z.ZodType<MappingValue>;
const mappingPartSchema = z.record(z.string(), mappingValueSchema) as z.ZodType<MappingPart>;
const mappingSchema: z.ZodType<Mapping> = z.union([mappingPartSchema, z.array(mappingPartSchema).min(1).max(20)], {
  error: 'must be an object of target to value, or a list of them',
});

const triggerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('event'), name: id, where: whereSchema.optional() }),
  z.strictObject({ type: z.literal('segment'), segmentId: id, on: z.enum(['entered', 'left', 'both']) }),
  z.strictObject({ type: z.literal('profile'), fields: z.array(id).min(1).max(100).optional() }),
]);

/** The steps, over a schema for the conditions in them: the whole one for HTTP, an open one where each place is to be named. */
function stepsOver(condition: z.ZodType<Condition>) {
  const step = z.discriminatedUnion('type', [
    z.strictObject({ id: stepId, type: z.literal('filter'), condition }),
    z.strictObject({ id: stepId, type: z.literal('delay'), span: spanSchema }),
    z.strictObject({
      id: stepId,
      type: z.literal('deliver'),
      connectionId: id,
      action: id,
      mapping: mappingSchema.optional(),
      purpose: id.optional(),
    }),
  ]);
  return z.array(step).min(1).max(MAX_FLOW_STEPS);
}

const content = {
  name: z.string().min(1).max(200),
  purpose: id,
  trigger: triggerSchema,
  acceptsHistorical: z.boolean(),
};
const identity = { flowId: id, version: z.int().min(1) };

/**
 * The Zod schema of what people write of a flow: all but its id and version. For HTTP bodies; it changes nothing.
 *
 * @example @Body({ schema: flowContentSchema })
 */
export const flowContentSchema = z.strictObject({ ...content, steps: stepsOver(conditionSchema) }).meta({ id: 'FlowContent' });

/** The Zod schema of a {@link FlowDefinition}. What it names may still not exist: see `parseFlow`. */
export const flowDefinitionSchema: z.ZodType<FlowDefinition> = z
  .strictObject({ ...identity, ...content, steps: stepsOver(conditionSchema) })
  .meta({ id: 'FlowDefinition' });

/** As {@link flowDefinitionSchema}, with the conditions left open: `validateFlow` names each place in them. */
export const openFlowSchema: z.ZodType<FlowDefinition> = z.strictObject({ ...identity, ...content, steps: stepsOver(z.custom<Condition>(() => true)) });
