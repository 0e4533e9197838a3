import { conditionSchema, type Condition } from '@firsthand/domain';
import { z } from 'zod';
import { documentedSchema } from '../http/documented-schema.js';
import { idSchema } from '../http/id-schema.js';
import { groupSizeSchema } from '../insight/groups.js';

const anyTree = z.unknown() as z.ZodType<Condition>;
const fields = {
  purpose: z.string().min(1).max(100).meta({ description: 'Who has not consented to it is never in the segment.' }),
  segmentId: idSchema.optional().meta({ description: 'Compares with the members that this segment has now.' }),
  estimateOnly: z.boolean().optional().meta({ description: 'With `true` a large workspace is answered from a sample, at once. Ask again without it for the exact size.' }),
};
export const segmentPreviewSchema = documentedSchema(
  z.strictObject({ ...fields, condition: anyTree }), z.strictObject({ ...fields, condition: conditionSchema }).meta({
    id: 'SegmentPreviewBody', examples: [{ purpose: 'marketing', condition: { all: [{ trait: 'city', op: 'eq', value: 'Shanghai' }, { event: 'Order Completed', within: { days: 30 } }] } }],
  }));
export type SegmentPreviewBody = z.infer<typeof segmentPreviewSchema>;

const maskedPersonSchema = z.object({ profileId: z.string(), identities: z.array(z.object({ namespace: z.string(), value: z.string() })) });
export type MaskedPerson = z.infer<typeof maskedPersonSchema>;
const people = z.array(maskedPersonSchema).meta({ description: 'Some of them, masked.' });
const waterfallStep = z.object({ path: z.string().meta({ description: 'The condition; `/purpose` is the consent.' }), remaining: z.int().meta({ description: 'Whom it and all above it keep.' }) });
export type WaterfallStep = z.infer<typeof waterfallStep>;

export const segmentCountSchema = z.object({
  population: z.int().meta({ description: 'Everybody in the workspace; of more than 20,000 people reckoned from the sample until the exact count is there.' }),
  evaluated: z.int().meta({ description: 'Who was looked at one by one: everybody, or a sample.' }),
  matching: z.int().meta({ description: 'People for whom the condition holds.' }),
  members: z.int().meta({ description: 'Those of them who consented to the purpose.' }),
  isExact: z.boolean().meta({ description: 'Whether `matching` and `members` are counted. If not, they are raised from the sample.' }),
  margin: z.object({ population: z.int(), matching: z.int(), members: z.int() }).meta({ description: 'By how much they may be wrong: 95 of 100 samples come as close. 0 when exact.' }),
  isComplete: z.boolean().meta({ description: 'False when a limit ended the preview early.' }),
  notes: z.array(z.string()).meta({ description: 'What the numbers do not know.' }),
  waterfall: z.array(waterfallStep).meta({ description: 'What each condition keeps, in the order of the tree. Raised from the sample where one was taken.' }),
  overlap: z.array(z.object({ segmentId: z.string(), name: z.string(), both: z.int(), shareOfThis: z.number(), shareOfThat: z.number() })).meta({ description: 'Live segments that share members.' }),
  change: z.object({ entering: z.int(), leaving: z.int(), enteringSample: people, leavingSample: people }).nullable().meta({ description: 'Against the members that the segment has now.' }),
  sample: people,
});
export type SegmentCount = z.infer<typeof segmentCountSchema>;

/** The same as it is told: in groups to who may not read profiles. */
export const segmentInsightSchema = segmentCountSchema.extend({
  population: groupSizeSchema, evaluated: groupSizeSchema, matching: groupSizeSchema, members: groupSizeSchema, waterfall: z.array(waterfallStep.extend({ remaining: groupSizeSchema })),
  overlap: z.array(z.object({ segmentId: z.string(), name: z.string(), both: groupSizeSchema, shareOfThis: z.number().nullable(), shareOfThat: z.number().nullable() })),
  change: z.object({ entering: groupSizeSchema, leaving: groupSizeSchema, enteringSample: people, leavingSample: people }).nullable(),
}).meta({ id: 'SegmentPreview' });
export type SegmentInsight = z.infer<typeof segmentInsightSchema>;

const ANA: MaskedPerson = { profileId: 'p-1', identities: [{ namespace: 'email', value: 'a***@example.com' }] };
export const COUNT_EXAMPLE: SegmentCount = {
  population: 1_000, evaluated: 1_000, matching: 130, members: 112, isExact: true, margin: { population: 0, matching: 0, members: 0 }, isComplete: true, notes: [],
  waterfall: [{ path: '/all/0', remaining: 400 }, { path: '/all/1', remaining: 130 }, { path: '/purpose', remaining: 112 }],
  overlap: [{ segmentId: 'vip', name: 'VIP', both: 40, shareOfThis: 0.357, shareOfThat: 0.8 }],
  change: { entering: 12, leaving: 3, enteringSample: [ANA], leavingSample: [] }, sample: [ANA],
};
