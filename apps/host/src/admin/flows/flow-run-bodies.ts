import { z } from 'zod';
import { identitySchema } from '../http/identity-body.js';
import { pageQuerySchema } from '../http/page.js';
import { groupSizeSchema } from '../insight/groups.js';

const version = z.coerce.number().int().min(1).optional().meta({ description: 'The live version when left out.' });

export const flowRunsQuerySchema = pageQuerySchema.extend({
  profileId: z.string().max(200).optional().meta({ description: 'Of this person: runs that wait, and those that did and have ended within 30 days.' }),
  namespace: z.string().max(100).optional().meta({ description: 'With `value`: of the person who has this identity.' }),
  value: z.string().max(256).optional(),
  version,
  stepId: z.string().max(64).optional().meta({ description: 'Waiting at this step only.' }),
});
export type FlowRunsQuery = z.infer<typeof flowRunsQuerySchema>;

export const flowRunSchema = z.object({
  runId: z.string(), version: z.int(), profileId: z.string(), key: z.string().nullable(), state: z.enum(['waiting', 'paused', 'ended']).meta({ description: '`paused`: it waits, and its flow is paused; it goes on when that is resumed.' }), stepId: z.string().nullable().meta({ description: 'Where it stands, or where it ended.' }),
  startedAt: z.iso.datetime(), dueAt: z.iso.datetime().nullable().meta({ description: 'When time brings it on; null where that has come while the flow was paused.' }), end: z.enum(['ended', 'stopped', 'goal', 'exited']).nullable(), endedAt: z.iso.datetime().nullable(),
  endReason: z.string().nullable().meta({ description: 'Why it ended there, e.g. `condition-does-not-hold`, `exit-met`, or what kept a call from being answered: `blocked.no-consent`, `call-timed-out`.' }),
  answers: z.record(z.string(), z.unknown()).meta({ description: 'What its calls were answered, by step id. Null for who may not see personal data.' }),
}).meta({ id: 'FlowRun' });
export type FlowRunView = z.infer<typeof flowRunSchema>;
export const FLOW_RUN_EXAMPLE: FlowRunView = {
  runId: 'main|q3n1', version: 1, profileId: 'p-1', key: null, state: 'waiting', stepId: 'wait', startedAt: '2026-11-24T09:00:00.000Z', dueAt: '2026-11-25T09:00:00.000Z', end: null, endedAt: null, endReason: null, answers: {},
};

export const stepCountsQuerySchema = z.object({ version });
export const stepCountsSchema = z.object({
  version: z.int(),
  ends: z.object({ goal: groupSizeSchema, exited: groupSizeSchema }).meta({ description: 'Runs that reached a goal, of a step or of the flow, and runs that left by an exit.' }),
  steps: z.array(z.object({
    stepId: z.string(), type: z.string(), entered: groupSizeSchema, waiting: groupSizeSchema, left: z.record(z.string(), groupSizeSchema).meta({ description: 'By outcome, e.g. `condition-holds`, `branch-0`, `timed-out`.' }),
  })),
}).meta({ id: 'FlowStepCounts' });
export type StepCountsView = z.infer<typeof stepCountsSchema>;

export const flowCallSchema = z.strictObject({
  identity: identitySchema.optional(), profileId: z.string().min(1).max(200).optional(), idempotencyKey: z.string().min(1).max(200).meta({ description: 'The same key again is the same call: nothing starts anew.' }),
  properties: z.record(z.string(), z.json()).default({}).meta({ description: 'Templates and conditions read them as the properties of the event `Flow Triggered`.' }),
}).refine(({ identity, profileId }) => (identity === undefined) !== (profileId === undefined), { error: 'needs exactly one of identity, profileId' })
  .meta({ id: 'FlowCall', examples: [{ identity: { namespace: 'email', value: 'ana@example.com' }, idempotencyKey: 'ticket-4711', properties: { code: 'A1' } }] });
export type FlowCallBody = z.infer<typeof flowCallSchema>;
export const flowCallResultSchema = z.object({ eventId: z.string(), isRepeated: z.boolean() }).meta({ id: 'FlowCallResult' });
export type FlowCallResult = z.infer<typeof flowCallResultSchema>;

export const rollBackSchema = z.strictObject({ version: z.int().min(1) }).meta({ id: 'FlowRollBack', examples: [{ version: 1 }] });
export type RollBack = z.infer<typeof rollBackSchema>;
export const moveRunsSchema = z.strictObject({ from: z.int().min(1), to: z.int().min(1) }).meta({ id: 'FlowRunsMove', examples: [{ from: 1, to: 2 }] });
export type MoveRuns = z.infer<typeof moveRunsSchema>;
export const movedRunsSchema = z.object({
  moved: z.int(), kept: z.array(z.string()).meta({ description: 'Steps whose runs stay on their version: the other one has none of this id and type.' }), hasMore: z.boolean().meta({ description: 'Call again until it is false.' }),
}).meta({ id: 'FlowRunsMoved' });
export type MovedRuns = z.infer<typeof movedRunsSchema>;
