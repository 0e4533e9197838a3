import { SYNC_MODES } from '@firsthand/domain';
import { z } from 'zod';
import { pushGateSchema } from '../push-gates/push-gate-view.js';

const time = z.iso.datetime();
const count = (description: string) => z.int().meta({ description });

const compareSchema = z.object({
  state: z.enum(['running', 'done', 'gone', 'listing-failed']).meta({ description: '`gone`: the flow is live no more, or delivers elsewhere. `listing-failed`: the vendor did not list its members.' }),
  isPreview: z.boolean(), startedAt: time, endedAt: time.nullable(),
  counts: z.object({
    listed: count('Members that the vendor has listed, where it can.'), people: count('Looked at so far.'), confirmed: count('Wanted, and confirmed as they are.'), missing: count('Wanted and not in.'), changed: count('In with other data than would be sent now.'),
    unconfirmed: count('Wanted, and not known to be in: an answer was lost.'), surplus: count('In, or may be, and not wanted.'), unusable: count('Wanted, and no payload can be made of them.'),
  }),
}).meta({ id: 'AudienceCompare' });

export const audienceSchema = z.object({
  id: z.string(), flowId: z.string(), stepId: z.string(), action: z.string(), segmentId: z.string().nullable().meta({ description: 'Whose members belong in it; null where something else brings people to the step: then whoever it has put in, and nobody taken out, belongs in it.' }), purpose: z.string(), sync: z.enum(SYNC_MODES),
  addsMissing: z.boolean().meta({ description: 'Whether a compare puts in who is missing; not where only some of the segment’s members come to the step, or later.' }),
  pushGate: pushGateSchema.omit({ waiting: true }).nullable().meta({ description: 'Whether people of the segment go there at the moment, and why not; null where nothing was asked yet.' }),
  compare: compareSchema.nullable().meta({ description: 'The last one.' }),
}).meta({ id: 'Audience' });
export type AudienceView = z.infer<typeof audienceSchema>;
export const audiencesSchema = z.object({ items: z.array(audienceSchema) }).meta({ id: 'Audiences' });

export const compareBodySchema = z.strictObject({
  preview: z.boolean().optional().meta({ description: 'Only counts.' }),
  perSecond: z.number().min(0.01).max(1_000).optional().meta({ description: 'How many deliveries are planned per second, up to 200 at a time. The connection’s own rate limit holds as well.' }),
}).meta({ id: 'AudienceCompareBody', examples: [{ preview: true }] });
export type CompareBody = z.infer<typeof compareBodySchema>;

export const AUDIENCE_EXAMPLE: AudienceView = {
  id: 'win-back.to-ads', flowId: 'win-back', stepId: 'to-ads', action: 'custom-audience', segmentId: 'shirt-buyers-away', purpose: 'ads', sync: 'mirror', addsMissing: true, pushGate: null,
  compare: {
    state: 'done', isPreview: true, startedAt: '2026-11-24T08:00:00.000Z', endedAt: '2026-11-24T08:00:04.000Z',
    counts: { listed: 0, people: 5_000, confirmed: 790, missing: 8, changed: 3, unconfirmed: 1, surplus: 2, unusable: 0 },
  },
};
