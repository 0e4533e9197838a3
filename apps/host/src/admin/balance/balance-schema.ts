import { z } from 'zod';

export const balanceQuerySchema = z.object({
  per: z.enum(['total', 'minute']).default('total'), connectionId: z.string().max(200).optional(),
  from: z.iso.datetime().optional().meta({ description: 'From this minute on.' }), to: z.iso.datetime().optional().meta({ description: 'Before this minute.' }),
});
export type BalanceQuery = z.infer<typeof balanceQuerySchema>;

const counts = z.record(z.string(), z.int());
const sourceLine = z.object({ connectionId: z.string(), minute: z.iso.datetime().nullable(), received: z.int(), parts: counts.meta({ description: '`applied`, `anonymous`, `duplicate`, `quarantined`, `discarded`, `expired`, `refused.<reason>`, `pending`.' }), difference: z.int() });
const destinationLine = z.object({ connectionId: z.string(), minute: z.iso.datetime().nullable(), deliveries: z.int(), parts: counts.meta({ description: '`delivered`, `blocked.<reason>`, `dead.<reason>`, `cancelled.<reason>`, `pending`.' }), difference: z.int() });
export const balanceSchema = z.object({
  at: z.iso.datetime(), sources: z.array(sourceLine), destinations: z.array(destinationLine), difference: z.int().meta({ description: '0, or something was lost.' }),
}).meta({ id: 'Balance' });
export type Balance = z.infer<typeof balanceSchema>;
