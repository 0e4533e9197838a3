import { FirsthandError } from '@firsthand/domain';
import { MATCH_STEPS, newMatchRun } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

const time = z.iso.datetime();
const count = z.int().min(0);
const countsSchema = z.object({
  people: count.meta({ description: 'Who may be compared, and of whom there is something to compare.' }), withheld: count.meta({ description: 'Who has refused the purpose, has not agreed where it needs a consent, or whose data is restricted.' }),
  blocks: count.meta({ description: 'Keys that several people share.' }), skippedBlocks: count.meta({ description: 'Of those the ones that more than 50 people share: they are not gone through.' }), pairs: count, suggested: count,
});
const lastSchema = z.object({
  startedAt: time, finishedAt: time, counts: countsSchema, fit: z.object({ iterations: count, hasConverged: z.boolean() }),
  shares: z.record(z.string(), z.number()).meta({ description: 'Of all pairs of people: how many are one person, live together, are strangers.' }),
  levels: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number()))).meta({ description: 'How often pairs of each kind agree how well, by field.' }),
});
export const matchingSchema = z.object({
  isOn: z.boolean(), step: z.enum(MATCH_STEPS).nullable().meta({ description: 'What a run under way is at; null between two.' }), counts: countsSchema.meta({ description: 'Of the run under way, or the last one.' }),
  nextAt: time.nullable().meta({ description: 'When the next run begins, this moment where one is due; null while one goes on, and where matching is off.' }), last: lastSchema.nullable(),
}).meta({ id: 'IdentityMatching' });
export type MatchingView = z.infer<typeof matchingSchema>;

/** Where the matcher stands, and what its last run came to. */
export async function getMatching({ matches, configuration, clock }: AdminContext, { workspaceId }: Caller): Promise<MatchingView> {
  const isOn = configuration.workspace(workspaceId).matching !== undefined;
  const { step, counts, dueAt, last } = (await matches.find(workspaceId)) ?? newMatchRun(workspaceId);
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    isOn, step, counts, nextAt: isOn && step === null ? iso(Math.max(dueAt, clock())) : null,
    last: last === null ? null : { startedAt: iso(last.startedAt), finishedAt: iso(last.finishedAt), counts: last.counts, fit: last.fit, shares: last.model.shares, levels: last.model.levels },
  };
}

/** Makes the next run due at once; one that is under way goes on. @throws FirsthandError `MATCHING_OFF` */
export async function startMatching(admin: AdminContext, caller: Caller): Promise<MatchingView> {
  const { workspaceId } = caller;
  if (admin.configuration.workspace(workspaceId).matching === undefined) throw new FirsthandError('MATCHING_OFF');
  await admin.matches.request(workspaceId, admin.clock());
  return getMatching(admin, caller);
}
