import { z } from 'zod';
import { conditionSchema } from '../segment/condition-schema.js';

/** What becomes of a person in a system whose users have deleted them there. */
export const DELETED_THERE = ['leave-out', 'make-again', 'request-erasure'] as const;
export type DeletedThere = (typeof DELETED_THERE)[number];

const reference = z.string().min(1).max(200);
const target = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,99}(?:\.[A-Za-z0-9_-]{1,100}){0,3}$/, { error: 'must be a field of the destination, or a path within one' });

/** The Zod schema of what people write of a sync rule: all but its id and version. */
export const syncRuleContentSchema = z.strictObject({
  name: z.string().min(1).max(200),
  connectionId: reference.describe('The connection that is written to: a destination, or one that is source and destination at once.'),
  action: reference.describe('An action of it that takes a person’s state.'),
  purpose: reference.describe('The purpose under which the system gets the data; consent is asked at each write.'),
  condition: conditionSchema.optional().describe('Who is kept equal there. Everybody, when left out.'),
  fields: z.array(z.strictObject({
    field: z.string().regex(/^profile\./, { error: 'must be a field of the profile, e.g. profile.phone' }).max(200),
    to: target.describe('The field of the destination, e.g. `phone`, or `properties.favorite_food`.'),
  })).min(1).max(100).describe('What is kept equal. A change of any of it is written; of each write only what differs from what the system has.'),
  memberships: z.array(z.strictObject({
    segmentId: reference,
    action: reference.describe('An action that keeps members.'),
    values: z.record(target, z.union([z.string().max(1_000), z.number(), z.boolean()])).default({}).describe('What the action has to be told besides who it is, e.g. `{ "listId": "2043" }`.'),
  })).max(50).default([]).describe('Segments whose members are kept equal there.'),
  deletedThere: z.enum(DELETED_THERE).default('leave-out').describe('What becomes of a person whom users of the system delete there: they are left out until the system names them again, made again, or a request for erasure is opened for them.'),
  isEnabled: z.boolean().default(true),
}).meta({ id: 'SyncRuleContent' });

/** What people write of a sync rule. */
export type SyncRuleContent = z.infer<typeof syncRuleContentSchema>;

/** Which data of people a system is kept equal in. */
export interface SyncRule extends SyncRuleContent {
  ruleId: string;
  version: number;
}
