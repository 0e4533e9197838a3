import { DELETED_THERE, syncRuleContentSchema, type SyncRuleContent } from '@firsthand/domain';
import { z } from 'zod';
import { documentedSchema } from '../http/documented-schema.js';
import { keySchema } from '../http/id-schema.js';

const EXAMPLE: SyncRuleContent = {
  name: 'Contacts in the CRM', connectionId: 'crm', action: 'upsert-contact', purpose: 'service',
  fields: [{ field: 'profile.phone', to: 'phone' }, { field: 'profile.custom.favoriteFood', to: 'properties.favorite_food' }],
  memberships: [{ segmentId: 'vip', action: 'list-membership', values: { listId: '2043' } }], deletedThere: 'leave-out', isEnabled: true,
};
const tree = z.unknown() as z.ZodType<SyncRuleContent>;

export const newSyncRuleSchema = documentedSchema(
  z.strictObject({ id: keySchema.optional(), rule: tree }), z.strictObject({ id: keySchema.optional(), rule: syncRuleContentSchema }).meta({ id: 'NewSyncRule', examples: [{ id: 'crm', rule: EXAMPLE }] }));
export type NewSyncRule = z.infer<typeof newSyncRuleSchema>;
export const syncRuleChangeSchema = documentedSchema(z.strictObject({ rule: tree }), z.strictObject({ rule: syncRuleContentSchema }).meta({ id: 'SyncRuleChange', examples: [{ rule: EXAMPLE }] }));
export type SyncRuleChange = z.infer<typeof syncRuleChangeSchema>;

export const syncRuleSchema = z.object({
  id: z.string(), version: z.int(), ...syncRuleContentSchema.shape, deletedThere: z.enum(DELETED_THERE),
  flows: z.array(z.string()).meta({ description: 'The flows that the host makes of it: under these ids its deliveries are found, that of the fields first.' }),
  problem: z.object({ code: z.string(), message: z.string() }).nullable().meta({ description: 'Why it writes nothing, or not all: what it names may be unusable, or its connection paused, or stopped by the host.' }),
}).meta({ id: 'SyncRule' });
export interface SyncRuleView extends SyncRuleContent {
  id: string;
  version: number;
  flows: string[];
  problem: { code: string; message: string } | null;
}
export const SYNC_RULE_EXAMPLE: SyncRuleView = { id: 'crm', version: 1, ...EXAMPLE, flows: ['sync.crm', 'sync.crm.0'], problem: null };

const byReason = z.record(z.string(), z.int());
const outcomes = z.object({
  written: z.int(), inSync: z.int().meta({ description: 'The system had it already: nothing was sent.' }), blocked: byReason.meta({ description: 'By the reason of the decision.' }),
  failed: byReason.meta({ description: 'Given up, by reason.' }), cancelled: byReason, pending: z.int(),
}).nullable().meta({ description: 'Null where counting takes too long: ask for fewer hours.' });
export const syncRuleStatusSchema = z.object({
  filling: z.object({ filled: z.int().nullable(), of: z.int().nullable(), isDone: z.boolean() }).nullable()
    .meta({ description: 'Of the one run over everybody that a new, enabled or changed rule begins with: how many people were gone through, of how many. Null while the rule is paused.' }),
  hours: z.int(), fields: outcomes, memberships: outcomes,
  stopped: z.array(z.object({ field: z.string(), between: z.array(z.string()), people: z.int() })).meta({ description: 'Fields that are not written any more, since their values went to and fro: which, of which connection and which source, of how many people.' }),
}).meta({ id: 'SyncRuleStatus' });
export type SyncRuleStatus = z.infer<typeof syncRuleStatusSchema>;
export type SyncOutcomes = NonNullable<SyncRuleStatus['fields']>;
export const SYNC_RULE_STATUS_EXAMPLE: SyncRuleStatus = {
  filling: { filled: 1_200, of: 48_000, isDone: false }, hours: 24, memberships: { written: 31, inSync: 0, blocked: {}, failed: {}, cancelled: { 'already-member': 4 }, pending: 0 },
  fields: { written: 842, inSync: 310, blocked: { 'no-consent': 44 }, failed: { 'invalid-payload': 4 }, cancelled: {}, pending: 3 },
  stopped: [{ field: 'profile.phone', between: ['crm', 'shop'], people: 2 }],
};
export const syncRuleStatusQuerySchema = z.object({
  hours: z.coerce.number().int().min(1).max(168).default(24).meta({ description: 'Counts deliveries made in the last so many hours.' }),
});
export type SyncRuleStatusQuery = z.infer<typeof syncRuleStatusQuerySchema>;
