import { conditionSchema, DEFAULT_PUSH_LIMITS, pushLimitsSchema, type Condition, type PushLimits } from '@firsthand/domain';
import { z } from 'zod';
import { SEGMENT_KINDS } from '../../configuration/documents.js';
import { documentedSchema } from '../http/documented-schema.js';
import { keySchema } from '../http/id-schema.js';

const fields = { name: z.string().min(1).max(200), description: z.string().max(2_000), purpose: z.string().min(1).max(100).meta({ description: 'Who has not consented to it is never in the segment.' }) };
const CONDITION = { all: [{ trait: 'city', op: 'eq' as const, value: 'Shanghai' }, { event: 'Order Completed', within: { days: 30 } }] } satisfies Condition;
const EXAMPLE = { name: 'Recent buyers in Shanghai', description: 'Bought within 30 days.', purpose: 'marketing', condition: CONDITION };
const anyTree = z.unknown() as z.ZodType<Condition>;

const kind = z.enum(SEGMENT_KINDS).meta({ description: '`static`: a list without a condition. People are put on it and taken off; those of them who consented to the purpose are in the segment.' });
const pushLimits = pushLimitsSchema.nullable().meta({ description: 'How far the segment may move before what it sends to a destination waits for a decision; null for any distance. Counts at once. Left out: the built-in limits.' });
const newFields = { id: keySchema.optional(), kind: kind.default('conditions'), ...fields, description: fields.description.default('') };
export const newSegmentSchema = documentedSchema(
  z.strictObject({ ...newFields, condition: anyTree.optional(), pushLimits: pushLimits.optional() }), z.strictObject({ ...newFields, pushLimits: pushLimits.optional(), condition: conditionSchema.optional().meta({ description: 'Not of a static list.' }) }).meta({
    id: 'NewSegment', examples: [{ id: 'recent-buyers', ...EXAMPLE }, { id: 'store-opening-guests', kind: 'static', name: 'Guests of the store opening', purpose: 'marketing' }],
  }));
export type NewSegment = z.infer<typeof newSegmentSchema>;

export const segmentChangeSchema = documentedSchema(
  z.strictObject({ ...fields, condition: anyTree, pushLimits }).partial(), z.strictObject({ ...fields, condition: conditionSchema, pushLimits }).partial().meta({ id: 'SegmentChange', examples: [{ name: 'Recent buyers' }] }));
export type SegmentChange = z.infer<typeof segmentChangeSchema>;

export const segmentSchema = z.object({
  id: z.string(), version: z.int(), kind, ...fields, condition: conditionSchema, pushLimits: pushLimits.meta({ description: 'Those that hold.' }), status: z.enum(['draft', 'live', 'paused']),
  published: z.object({ version: z.int(), name: z.string(), purpose: z.string(), condition: conditionSchema, publishedAt: z.iso.datetime() }).nullable(),
  warnings: z.array(z.object({ path: z.string(), message: z.string() })).meta({ description: 'Events in the condition that neither the dictionary nor a source that is enabled knows. They keep nothing from being published.' }),
}).meta({ id: 'Segment' });
export interface SegmentView {
  id: string;
  version: number;
  kind: (typeof SEGMENT_KINDS)[number];
  name: string;
  description: string;
  purpose: string;
  condition: Condition;
  pushLimits: PushLimits | null;
  status: 'draft' | 'live' | 'paused';
  published: { version: number; name: string; purpose: string; condition: Condition; publishedAt: string } | null;
  warnings: { path: string; message: string }[];
}
export const SEGMENT_EXAMPLE: SegmentView = { id: 'recent-buyers', version: 2, kind: 'conditions', ...EXAMPLE, pushLimits: DEFAULT_PUSH_LIMITS, status: 'live', published: { version: 1, name: EXAMPLE.name, purpose: 'marketing', condition: CONDITION, publishedAt: '2026-11-24T08:00:00.000Z' }, warnings: [] };
