import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

/** One thing that would happen, or that the call bears on. */
export interface DryRunEffect {
  /** `people-evaluated`, `deliveries-waiting`, `used-by-flows`, … */
  effect: string;
  /** How many; null where counting would take too long. */
  count: number | null;
  /** Which, where they have names. */
  ids?: string[];
}

/** What a route says of its own effects, besides those that follow from what it would write. It runs on a context that only reads. */
export type DescribeEffects = (admin: AdminContext, caller: Caller, call: { id: string; answer: unknown }) => DryRunEffect[] | Promise<DryRunEffect[]>;

export const dryRunAnswerSchema = z.object({
  dryRun: z.literal(true),
  wouldAnswer: z.object({ status: z.int(), body: z.unknown().meta({ description: 'As the call itself would answer; null when it answers without a body.' }) }),
  wouldWrite: z.array(z.object({ kind: z.string(), id: z.string(), change: z.enum(['created', 'updated', 'deleted']) })),
  effects: z.array(z.object({ effect: z.string(), count: z.int().nullable().meta({ description: 'Null where counting would take too long.' }), ids: z.array(z.string()).optional() })),
}).meta({ id: 'DryRunAnswer', description: 'What a call with `dryRun=true` would do. Nothing was done or written.' });
export type DryRunAnswer = z.infer<typeof dryRunAnswerSchema>;

export const DRY_RUN_EXAMPLE: DryRunAnswer = {
  dryRun: true, wouldAnswer: { status: 204, body: null }, wouldWrite: [{ kind: 'segments', id: 'buyers', change: 'deleted' }], effects: [{ effect: 'people-evaluated', count: 1_200 }],
};

/** An effect on things that have names. */
export function namedEffect(effect: string, ids: Iterable<string>): DryRunEffect {
  const list = [...ids];
  return { effect, count: list.length, ids: list };
}
