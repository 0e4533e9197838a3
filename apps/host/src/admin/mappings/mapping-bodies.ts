import { FIELD_OUTCOMES, type Mapping, type MappingTest } from '@firsthand/domain';
import { z } from 'zod';
import { canonicalRecordSchema } from './canonical-record-schema.js';

export const mappingSchema = z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown())).min(1).max(20)])
  .meta({ id: 'Mapping', description: 'Canonical target to template: `{ "identities.phone": "{{e164 phone \'CN\'}}" }`; or a list of parts that each may have a `$when`.' });
const mapping = mappingSchema as unknown as z.ZodType<Mapping>;

const MAX_TESTS = 50;
/** The draft's tests lie beside what every process reads of the mapping. */
const MAX_TESTS_CHARACTERS = 64_000;

export const mappingTestSchema = z.strictObject({
  name: z.string().min(1).max(200),
  sample: z.json().meta({ description: 'A raw record, made up: addresses of example.com, example.org, example.net, or under .example, .test, .invalid, .localhost.' }),
  expected: z.record(z.string(), z.json()).optional().meta({ description: 'Parts of the canonical record; null wants nothing there. A list has as many elements as are expected.' }),
  expectedError: z.string().max(100).optional().meta({ description: 'In place of `expected`: the code with which such a record goes to quarantine.' }),
  isWhole: z.boolean().optional().meta({ description: 'That the record has nothing but what is expected.' }),
  receivedAt: z.iso.datetime().optional().meta({ description: '2030-01-01T00:00:00Z when left out.' }),
}).refine(({ expected, expectedError }) => (expected === undefined) !== (expectedError === undefined), { error: 'needs either expected or expectedError' }).meta({ id: 'MappingTest' });
const tests = z.array(mappingTestSchema as unknown as z.ZodType<MappingTest>).max(MAX_TESTS)
  .refine((given) => JSON.stringify(given).length <= MAX_TESTS_CHARACTERS, { error: `are ${MAX_TESTS_CHARACTERS} characters at most` });

const EXAMPLE_TEST = { name: 'an order', sample: { id: 7, mail: 'Ana@Example.com' }, expected: { name: 'Order Completed', order: { orderId: '7' } } };
const EXAMPLE_MAPPING: Mapping = { name: 'Order Completed', 'identities.email': '{{lower mail}}', 'order.orderId': '{{id}}' };

export const mappingBodySchema = z.strictObject({ mapping, tests: tests.optional().meta({ description: 'Those of the draft stay when left out.' }) }).meta({ id: 'MappingBody', examples: [{ mapping: EXAMPLE_MAPPING, tests: [EXAMPLE_TEST] }] });
export type MappingBody = z.infer<typeof mappingBodySchema>;

export const mappingViewSchema = z.object({
  id: z.string(), version: z.int().meta({ description: 'Of the resource, for If-Match; 0 before there is a draft.' }), liveVersion: z.int().meta({ description: 'The version that records are mapped by, as their `mappingVersion` says; 0 is the plugin’s own.' }),
  isOwn: z.boolean().meta({ description: 'False while the plugin’s own is in use.' }), mapping: mapping.nullable().meta({ description: 'What is in use; null in lists while it is the plugin’s own.' }),
  draft: z.object({ mapping, tests: z.array(mappingTestSchema) }).nullable(),
}).meta({ id: 'MappingView' });
export interface MappingView {
  id: string;
  version: number;
  liveVersion: number;
  isOwn: boolean;
  mapping: Mapping | null;
  draft: { mapping: Mapping; tests: MappingTest[] } | null;
}
export const MAPPING_EXAMPLE: MappingView = { id: 'online-shop', version: 2, liveVersion: 1, isOwn: true, mapping: EXAMPLE_MAPPING, draft: { mapping: EXAMPLE_MAPPING, tests: [EXAMPLE_TEST] } };

export const mappingVersionSchema = z.object({ version: z.int(), publishedAt: z.iso.datetime(), mapping, tests: z.array(mappingTestSchema) }).meta({ id: 'MappingVersion' });
export interface MappingVersionView { version: number; publishedAt: string; mapping: Mapping; tests: MappingTest[] }

export const mappingRollBackSchema = z.strictObject({ version: z.int().min(0).meta({ description: 'A published version; 0 goes back to the plugin’s own.' }) }).meta({ id: 'MappingRollBack', examples: [{ version: 1 }] });
export type MappingRollBack = z.infer<typeof mappingRollBackSchema>;

const which = z.union([z.literal('draft'), z.int().min(0)]).optional();
const stored = z.union([z.strictObject({ eventId: z.string().min(1).max(300) }), z.strictObject({ quarantineId: z.string().min(1).max(300) }), z.strictObject({ newest: z.literal(true) })])
  .meta({ description: 'A stored raw record: of an event, of a quarantined record, or the newest one of the connection. For who may see raw records.' });

const asked = {
  connectionId: z.string().min(1).max(200),
  mapping: mapping.optional().meta({ description: 'A mapping that is not stored.' }),
  version: which.meta({ description: 'Without `mapping`: `draft`, or a version, 0 being the plugin’s own. What is live when left out.' }),
};
const sampled = { sample: z.json().optional().meta({ description: 'A raw record; the plugin’s sample when neither this nor `stored` is there.' }), stored: stored.optional() };
const hasOneSample = ({ sample, stored: kept }: { sample?: unknown; stored?: unknown }): boolean => sample === undefined || kept === undefined;
const ONE_SAMPLE = { error: 'takes either sample or stored' };
const SAMPLE = { type: 'track', event: 'Order Completed', userId: 'u-20481' };

export const mappingPreviewSchema = z.strictObject({ ...asked, ...sampled }).refine(hasOneSample, ONE_SAMPLE).meta({ id: 'MappingPreviewBody', examples: [{ connectionId: 'online-shop', sample: SAMPLE }] });
export type MappingPreviewBody = z.infer<typeof mappingPreviewSchema>;

export const mappingSuggestBodySchema = z.strictObject({ ...asked, ...sampled }).refine(hasOneSample, ONE_SAMPLE).meta({ id: 'MappingSuggestBody', examples: [{ connectionId: 'online-shop', version: 'draft', sample: { mobile: '13912345678', order_no: 'A-1' } }] });
export type MappingSuggestBody = z.infer<typeof mappingSuggestBodySchema>;

export const mappingCoverageBodySchema = z.strictObject({ ...asked, newest: z.int().min(1).max(500).default(100).meta({ description: 'How many of the newest stored records, those in quarantine included.' }) })
  .meta({ id: 'MappingCoverageBody', examples: [{ connectionId: 'online-shop', version: 'draft', newest: 200 }] });
export type MappingCoverageBody = z.infer<typeof mappingCoverageBodySchema>;

const places = z.array(z.object({ path: z.string(), message: z.string() }));
export const tracedFieldSchema = z.object({
  target: z.string(), sources: z.array(z.string()).meta({ description: 'Fields of the raw record that it is made of; `*` is the whole record.' }), type: z.string().nullable(), outcome: z.enum(FIELD_OUTCOMES),
  reason: z.string().nullable().meta({ description: '`not-in-dictionary`, `does-not-fit`, `too-long`, `names-nobody`, `too-many`; `nothing-made`: a condition does not hold, or a helper cannot read the value.' }),
  value: z.json().nullable(), given: z.json().nullable().meta({ description: 'What the mapping gave, where the record has something else.' }),
}).meta({ id: 'TracedField' });

export const previewSchema = z.object({
  sample: z.object({ kind: z.enum(['given', 'plugin', 'event', 'quarantine']), id: z.string().nullable(), raw: z.unknown() }),
  mapped: z.record(z.string(), z.unknown()), record: canonicalRecordSchema.nullable(), error: z.object({ code: z.string(), places }).nullable(),
  fields: z.array(tracedFieldSchema).meta({ description: 'Each canonical field: where its value comes from, and what was lost.' }), unmapped: z.array(z.string()).meta({ description: 'Fields of the raw record that go nowhere.' }),
  reads: z.record(z.string(), z.array(z.string())),
}).meta({ id: 'MappingPreview' });

export const coverageSchema = z.object({
  records: z.int(), isComplete: z.boolean().meta({ description: 'False where reading them took too long: then there are fewer.' }),
  outcomes: z.array(z.object({ code: z.string().nullable().meta({ description: 'Null for records that can be used; else the code with which they go to quarantine.' }), records: z.int() })),
  fields: z.array(z.object({ path: z.string(), records: z.int(), isMapped: z.boolean() })).meta({ description: 'Fields of the raw records, those that go nowhere first. No values.' }),
  targets: z.array(z.object({ target: z.string(), type: z.string().nullable(), kept: z.int(), coerced: z.int(), truncated: z.int(), dropped: z.int(), empty: z.int() })).meta({ description: 'In how many records each target came to what.' }),
}).meta({ id: 'MappingCoverage' });
export type MappingCoverage = z.infer<typeof coverageSchema>;

const suggestion = z.object({
  source: z.string(), target: z.string(), value: z.unknown().meta({ description: 'What the mapping would say.' }), reason: z.enum(['name', 'synonym', 'shape']), because: z.string(), confidence: z.number().min(0).max(1),
});
export const suggestionsSchema = z.object({ suggestions: z.array(suggestion.extend({ parts: z.array(suggestion).optional().meta({ description: 'Of a list: what its elements are made of.' }) })) }).meta({ id: 'MappingSuggestions', description: 'Best first. Nothing is applied.' });

export const testResultsSchema = z.object({
  passed: z.boolean(),
  tests: z.array(z.object({ name: z.string(), passed: z.boolean(), mismatches: z.array(z.object({ path: z.string().meta({ description: 'JSON Pointer into the canonical record; `/error` is the code of its refusal.' }), expected: z.json(), got: z.json() })) })),
}).meta({ id: 'MappingTestResults' });

export const applyTemplateSchema = z.strictObject({ template: z.string().min(1).max(100) }).meta({ id: 'ApplyMappingTemplate', examples: [{ template: 'shop-order' }] });
export type ApplyTemplate = z.infer<typeof applyTemplateSchema>;
