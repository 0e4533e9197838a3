import { storeKey } from '@firsthand/persistence';
import { breakerStateOf, countStopped, type Lane } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';

const time = z.iso.datetime().nullable();

/** How a destination is doing, as its lane last wrote it down. */
export const connectionHealthSchema = z.object({
  breaker: z.enum(['closed', 'open', 'half-open']).meta({ description: 'Open: nothing is sent, and no delivery is spent on trying. Half-open: the next request decides.' }),
  openUntil: time, pausedUntil: time.meta({ description: 'Until when the destination has asked to wait.' }),
  failingSince: time.meta({ description: 'Since when nothing but failures; null when the last delivery succeeded.' }), failures: z.int(),
  stopped: z.array(z.object({ ruleId: z.string(), field: z.string(), source: z.string(), people: z.int() }))
    .meta({ description: 'Fields that its sync rules do not write any more, since their values went to and fro: which, with which source, of how many people.' }),
}).meta({ id: 'ConnectionHealth' });
export type ConnectionHealth = z.infer<typeof connectionHealthSchema>;

const shown = (at: number | null | undefined): string | null => (at == null ? null : new Date(at).toISOString());

export async function readConnectionHealth(admin: AdminContext, { workspaceId, connectionId }: Lane): Promise<ConnectionHealth> {
  const { collections, clock } = admin;
  const [lane, stopped] = await Promise.all([collections.lanes.findOne({ _id: storeKey(workspaceId, connectionId) }, { projection: { health: 1 } }), countStopped(admin, workspaceId, { connectionId })]);
  const { breaker = null, pausedUntil = null, failingSince = null, failures = 0 } = lane?.health ?? {};
  const now = clock();
  return {
    breaker: breakerStateOf(breaker, now), openUntil: shown(breaker?.openUntil), pausedUntil: pausedUntil !== null && pausedUntil > now ? shown(pausedUntil) : null, failingSince: shown(failingSince), failures,
    stopped: stopped.map(({ ruleId, field, between: [, source], people }) => ({ ruleId, field: `profile.${field}`, source, people })),
  };
}

/** What had been held against it counts no more. */
export async function forgetConnectionHealth({ collections, isDryRun }: AdminContext, { workspaceId, connectionId }: Lane): Promise<void> {
  if (!isDryRun) await collections.lanes.updateOne({ _id: storeKey(workspaceId, connectionId) }, { $unset: { health: 1 } });
}
