import { flowContentSchema, flowDefinitionSchema, type ErrorPlace, type FlowDefinition } from '@firsthand/domain';
import { z } from 'zod';
import type { FlowDraft } from '../documents.js';
import { documentedSchema } from '../http/documented-schema.js';
import { identitySchema } from '../http/identity-body.js';
import { keySchema } from '../http/id-schema.js';

const EXAMPLE = {
  name: 'Buyers to the CRM', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'event', name: 'Order Completed' },
  steps: [{ id: 'to-crm', type: 'deliver', connectionId: 'crm', action: 'upsert-contact' }],
} satisfies FlowDraft;
const tree = z.unknown() as z.ZodType<FlowDraft>;

export const newFlowSchema = documentedSchema(
  z.strictObject({ id: keySchema.optional(), flow: tree }), z.strictObject({ id: keySchema.optional(), flow: flowContentSchema }).meta({ id: 'NewFlow', examples: [{ id: 'buyers-to-crm', flow: EXAMPLE }] }));
export type NewFlow = z.infer<typeof newFlowSchema>;
export const flowChangeSchema = documentedSchema(z.strictObject({ flow: tree }), z.strictObject({ flow: flowContentSchema }).meta({ id: 'FlowChange', examples: [{ flow: EXAMPLE }] }));
export type FlowChange = z.infer<typeof flowChangeSchema>;

const places = z.array(z.object({ path: z.string(), message: z.string() }));
export const flowSchema = z.object({
  id: z.string(), version: z.int(), draft: flowContentSchema, status: z.enum(['draft', 'live', 'paused']), liveVersion: z.int().nullable(),
  versions: z.array(z.object({ publishedAt: z.iso.datetime(), definition: flowDefinitionSchema })), problems: places.meta({ description: 'What keeps the draft from being published.' }),
  warnings: places.meta({ description: 'Events that neither the dictionary nor a source that is enabled knows. They keep nothing from being published.' }),
}).meta({ id: 'Flow' });
export interface FlowView {
  id: string;
  version: number;
  draft: FlowDraft;
  status: 'draft' | 'live' | 'paused';
  liveVersion: number | null;
  versions: { publishedAt: string; definition: FlowDefinition }[];
  problems: ErrorPlace[];
  warnings: ErrorPlace[];
}
export const FLOW_EXAMPLE: FlowView = { id: 'buyers-to-crm', version: 1, draft: EXAMPLE, status: 'draft', liveVersion: null, versions: [], problems: [], warnings: [] };

const sample = z.strictObject({
  profile: z.record(z.string(), z.unknown()).default({}), identities: z.array(identitySchema).max(20).default([]),
  consents: z.array(z.string().max(100)).max(50).default([]).meta({ description: 'Purposes that the sample person has granted to everybody.' }),
});
const event = z.strictObject({
  name: z.string().min(1).max(200), properties: z.record(z.string(), z.unknown()).default({}), order: z.record(z.string(), z.unknown()).optional(), product: z.record(z.string(), z.unknown()).optional(),
});
export const dryRunSchema = z.strictObject({
  version: z.int().min(1).optional().meta({ description: 'A published version; the draft when left out.' }), identity: identitySchema.optional(), profileId: z.string().max(200).optional(), sample: sample.optional(),
  event: event.optional().meta({ description: 'The event that starts the run.' }),
  answers: z.record(z.string().max(64), z.record(z.string(), z.json())).optional().meta({ description: 'What calls are answered, by step id: nobody is called. A call without one fails.' }),
}).refine((body) => [body.identity, body.profileId, body.sample].filter((who) => who !== undefined).length === 1, { error: 'needs exactly one of identity, profileId, sample' })
  .meta({ id: 'DryRunBody', examples: [{ sample: { profile: { email: 'ana@example.com' }, identities: [{ namespace: 'email', value: 'ana@example.com' }], consents: ['marketing'] }, event: { name: 'Order Completed', properties: {} } }] });
export type DryRunBody = z.infer<typeof dryRunSchema>;

export const dryRunResultSchema = z.object({
  startsOnTrigger: z.boolean().nullable().meta({ description: 'Whether the event given would start the flow; null without one. Of a sync rule: whether its condition holds for the person.' }), outcome: z.enum(['ended', 'stopped', 'goal', 'exited']),
  steps: z.array(z.object({
    stepId: z.string(), outcome: z.enum(['passed', 'stopped', 'waiting', 'planned', 'ended']), reason: z.string(), until: z.iso.datetime().nullable(),
    delivery: z.object({
      connectionId: z.string(), action: z.string(), purpose: z.string(), recipient: z.string().nullable(), wouldSend: z.boolean(), reason: z.string(), recordId: z.string().nullable(), fields: z.array(z.string()),
      payload: z.unknown().nullable().meta({ description: 'Null for who may not see personal data, and where nothing would be sent.' }),
    }).nullable(),
  })),
}).meta({ id: 'DryRun' });
export type DryRunResult = z.infer<typeof dryRunResultSchema>;
