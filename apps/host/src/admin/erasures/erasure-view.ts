import type { StoredErasure } from '@firsthand/persistence';
import { z } from 'zod';
import { byHandSchema } from '../removals/removal-view.js';

const time = z.iso.datetime();

const recipientSchema = z.object({
  connectionId: z.string(), action: z.string(), name: z.string().nullable().meta({ description: 'Null where the connection is gone.' }), kind: z.string().nullable(), country: z.string().nullable(),
  status: z.enum(['pending', 'confirmed', 'removed', 'not-needed', 'cannot-erase', 'manual', 'failed']).meta({ description: '`removed`: it cannot erase, and has taken the person out. `cannot-erase`: tell it by hand. `manual`: it got a list as a file; ask it. `not-needed`: it never got anything that names the person.' }),
  reason: z.string().nullable(), at: time, byHand: byHandSchema.nullable().meta({ description: 'Who has confirmed it, where no machine could.' }),
});

export const erasureSchema = z.object({
  id: z.string(), requestId: z.string().nullable().meta({ description: 'The person’s request.' }), startedAt: time.meta({ description: 'From here on nothing gives or takes anything of the person.' }),
  removedAt: time.nullable().meta({ description: 'When they were out of everything of the brand’s own; null until then.' }),
  finishedAt: time.nullable().meta({ description: 'When each recipient had been told, or could not be; null until then.' }),
  counts: z.record(z.string(), z.int()).meta({ description: 'Rows that were deleted or emptied, by collection.' }),
  held: z.array(z.object({ category: z.string(), reason: z.string(), until: time, rows: z.int() })).meta({ description: 'What a law obliges to keep, under a pseudonym.' }), recipients: z.array(recipientSchema),
}).meta({ id: 'Erasure' });
export type ErasureView = z.infer<typeof erasureSchema>;

/** An erasure as it is shown: it names nobody, also while it goes on. */
export function viewErasure({ _id, workspaceId, requestId, startedAt, removedAt, finishedAt, counts, held, recipients }: StoredErasure): ErasureView {
  return {
    id: _id.slice(workspaceId.length + 1), requestId: requestId === null ? null : requestId.slice(workspaceId.length + 1), startedAt: iso(startedAt), removedAt: removedAt === null ? null : iso(removedAt),
    finishedAt: finishedAt === null ? null : iso(finishedAt), counts, held: held.map(({ until, ...one }) => ({ ...one, until: iso(until) })),
    recipients: recipients.map(({ connectionId, action, name, kind, country, status, reason, at, byHand }) => ({ connectionId, action, name, kind, country, status, reason, at: iso(at), byHand: byHand === undefined ? null : { ...byHand, at: iso(byHand.at) } })),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
