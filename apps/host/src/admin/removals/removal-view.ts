import { REMOVAL_STATUSES } from '@firsthand/pipeline';
import { z } from 'zod';

const time = z.iso.datetime();

export const byHandSchema = z.object({ at: time, by: z.string().meta({ description: 'The user or API key.' }), note: z.string() }).meta({ id: 'ConfirmedByHand' });

export const removalSchema = z.object({
  deliveryId: z.string(), profileId: z.string(), connectionId: z.string(), action: z.string(),
  recipient: z.object({ name: z.string().nullable(), kind: z.enum(['own', 'processor', 'third-party']).nullable(), country: z.string().nullable() }).meta({ description: 'As it is; where its connection is gone as it was at the last send.' }),
  operation: z.enum(['removeMembers', 'erase']).meta({ description: 'Erased is where the recipient knows no other way to forget, and has the data for no other purpose.' }), cause: z.string(), purpose: z.string(),
  status: z.enum(REMOVAL_STATUSES).meta({ description: '`queued`: waits, also for another try. `sent`: on its way. `confirmed`: done, as the recipient says. `failed`: given up. `cannot-remove`: the recipient has no way to do it. `manual`: it got a list as a file, and somebody has to ask it. `not-needed`: nothing to take back any more.' }),
  reason: z.string().nullable(), isLate: z.boolean().meta({ description: 'Open for 24 hours or more.' }), connectionStatus: z.enum(['draft', 'enabled', 'paused']).nullable().meta({ description: 'Null where the configuration has no such connection: then nothing can be sent.' }),
  attempts: z.int().meta({ description: 'Tries that came to nothing so far.' }), queuedAt: time, sentAt: time.nullable().meta({ description: 'Of the last try.' }), confirmedAt: time.nullable(), nextTryAt: time.nullable(),
  byHand: byHandSchema.nullable().meta({ description: 'Who has confirmed it, where no machine could.' }),
}).meta({ id: 'Removal' });
export type RemovalView = z.infer<typeof removalSchema>;

export const removalsSchema = z.object({ id: z.string(), mergedFrom: z.array(z.string()), removals: z.array(removalSchema) }).meta({ id: 'Removals' });
export type Removals = z.infer<typeof removalsSchema>;

export const REMOVAL_EXAMPLE: RemovalView = {
  deliveryId: 'd3V1x0pZb5…', profileId: 'p-1', connectionId: 'ad-tool', action: 'custom-audience', recipient: { name: 'Our ad tool', kind: 'third-party', country: 'US' }, operation: 'removeMembers', cause: 'consent-withdrawn', purpose: 'ads',
  status: 'queued', reason: 'destination-failed', isLate: true, connectionStatus: 'enabled', attempts: 31, queuedAt: '2026-11-23T08:00:00.000Z', sentAt: '2026-11-24T08:12:07.120Z', confirmedAt: null, nextTryAt: '2026-11-24T08:40:00.000Z', byHand: null,
};
