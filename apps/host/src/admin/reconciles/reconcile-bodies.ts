import { COPY_DECISIONS, COPY_FINDINGS, COPY_REASONS, COPY_REPAIRS, DIFFERENCE_REASONS, RECONCILE_REPAIRS } from '@firsthand/domain';
import { FINDING_STATES, RECONCILE_STEPS } from '@firsthand/pipeline';
import { z } from 'zod';
import { pageQuerySchema } from '../http/page.js';

const time = z.iso.datetime();
const count = (description: string) => z.int().min(0).meta({ description });

export const reconcileBodySchema = z.strictObject({
  repair: z.enum(RECONCILE_REPAIRS).default('none').meta({ description: '`none` reports, `push-ours` writes ours there, `take-theirs` takes theirs in, `ask` waits for a decision on what is found.' }),
}).meta({ id: 'ReconcileBody', examples: [{ repair: 'ask' }] });
export type ReconcileBody = z.infer<typeof reconcileBodySchema>;

export const reconcileSchema = z.object({
  id: z.string(), ruleId: z.string(), connectionId: z.string(), repair: z.enum(RECONCILE_REPAIRS),
  by: z.object({ kind: z.enum(['user', 'apiKey']), id: z.string() }).nullable().meta({ description: 'Null for the night.' }),
  state: z.enum(['running', 'done', 'cancelled', 'gone', 'listing-failed', 'listing-refused']).meta({ description: '`gone`: the rule is no more, or its system lists nothing. `listing-failed`: the system has not listed what it holds for an hour and a half; `listing-refused`: it will not, for the reason in `code`. What was found until then stays, and nobody is said to be missing.' }),
  code: z.string().nullable().meta({ description: 'Of `listing-refused`: the error, such as `INVALID_CREDENTIALS` where the account may not read what is asked for.' }),
  step: z.enum(RECONCILE_STEPS), failures: count('How often the list has failed since it last answered.'), startedAt: time, nextAt: time.nullable().meta({ description: 'When it goes on; null when it has ended.' }), endedAt: time.nullable(),
  counts: z.object({
    listed: count('Records that the system has listed.'), unreadable: count('Of those the ones that its mapping cannot read.'), people: count('Our people who were looked at.'), equal: count('There as here.'), different: count('There with other data.'),
    missing: count('Ours, for whom the rule is, and not there.'), extra: count('There, and not for the rule, or twice.'), repaired: count('Findings about which something was done.'), left: count('Findings that stay as they are.'), outdated: count('Findings that were so no more.'),
  }),
  unread: z.array(z.string()).meta({ description: 'Fields of the rule that were not compared: the mapping of the system’s source does not read them.' }),
}).meta({ id: 'Reconcile' });
export type ReconcileView = z.infer<typeof reconcileSchema>;

export const findingQuerySchema = pageQuerySchema.extend({ kind: z.enum(COPY_FINDINGS).optional(), state: z.enum(FINDING_STATES).optional() });
export type FindingQuery = z.infer<typeof findingQuerySchema>;

export const findingSchema = z.object({
  id: z.string(), kind: z.enum(COPY_FINDINGS), reason: z.enum(COPY_REASONS), words: z.string().meta({ description: 'The reason as a sentence.' }),
  consent: z.string().nullable().meta({ description: 'Why consent does not allow it, where it does not.' }), profileId: z.string().nullable().meta({ description: 'Null for somebody whom we do not know, or who was erased.' }),
  fields: z.array(z.object({
    field: z.string(), reason: z.enum(DIFFERENCE_REASONS), words: z.string(), ours: z.json().optional().meta({ description: 'What we hold now, as far as you may see it. What the system holds is not stored.' }),
  })),
  state: z.enum(FINDING_STATES), decision: z.enum(COPY_DECISIONS).nullable(), repair: z.enum(COPY_REPAIRS).nullable().meta({ description: 'What the decision comes to.' }), at: time, decidedAt: time.nullable(),
}).meta({ id: 'ReconcileFinding' });
export type FindingView = z.infer<typeof findingSchema>;

export const decideBodySchema = z.strictObject({
  decision: z.enum(COPY_DECISIONS), findings: z.array(z.string().min(1).max(300)).min(1).max(500).optional().meta({ description: 'Ids. All that wait, when left out.' }),
  kind: z.enum(COPY_FINDINGS).optional().meta({ description: 'Only those of this kind.' }),
}).meta({ id: 'ReconcileDecision', examples: [{ decision: 'push-ours', kind: 'different' }] });
export type DecideBody = z.infer<typeof decideBodySchema>;
export const decidedSchema = z.object({ decided: count('How many findings that waited.') }).meta({ id: 'ReconcileDecided' });

export const RECONCILE_EXAMPLE: ReconcileView = {
  id: 'k3Vb…', ruleId: 'crm', connectionId: 'hubspot', repair: 'ask', by: { kind: 'user', id: 'u-1' }, state: 'done', code: null, step: 'clear', failures: 0, startedAt: '2026-11-24T03:00:00.000Z', nextAt: null, endedAt: '2026-11-24T03:04:10.000Z',
  counts: { listed: 5_210, unreadable: 2, people: 6_040, equal: 5_180, different: 11, missing: 4, extra: 17, repaired: 0, left: 0, outdated: 0 }, unread: ['custom.food'],
};
export const FINDING_EXAMPLE: FindingView = {
  id: 'q8Zk…', kind: 'different', reason: 'fields-differ', words: 'The system holds other data of the person.', consent: null, profileId: 'p-1',
  fields: [{ field: 'phone', reason: 'ours-newer', words: 'Ours is of a later time, and has not arrived.', ours: '139****5678' }], state: 'open', decision: null, repair: null, at: '2026-11-24T03:01:00.000Z', decidedAt: null,
};
