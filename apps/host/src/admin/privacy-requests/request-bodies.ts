import { EXTENSION_REASONS, REFUSALS, REQUEST_KINDS, VERIFICATIONS_BY_HAND } from '@firsthand/domain';
import { z } from 'zod';
import { correctionSchema } from '../profiles/rectify-profile.js';
import { identitySchema } from '../http/identity-body.js';

const verification = z.enum(VERIFICATIONS_BY_HAND).meta({ description: 'How you know that the person asks.' });

export const newRequestSchema = z.strictObject({
  kind: z.enum(REQUEST_KINDS), identity: identitySchema,
  verification: verification.nullable().default(null).meta({ description: 'Left out, the request waits for the identity check.' }),
  requestedAt: z.iso.datetime().optional().meta({ description: 'When the person asked, if not just now: the time to answer begins with it.' }),
  details: z.record(z.string().min(1).max(100), z.json()).refine((value) => JSON.stringify(value).length <= 4_000, { error: 'must be 4,000 characters at most' }).nullable().default(null).meta({ description: 'Of an objection `purposes`: the keys of those objected to. Of a rectification `fields` and `identities`, as `POST /admin/v1/profiles/:id/rectify` takes them.' }),
}).meta({ id: 'NewPrivacyRequest', examples: [{ kind: 'access', identity: { namespace: 'email', value: 'ana@example.com' }, verification: 'called-back' }] });
export type NewRequestBody = z.infer<typeof newRequestSchema>;

export const verifySchema = z.strictObject({ reason: verification }).meta({ id: 'VerifyRequestBody', examples: [{ reason: 'document' }] });
export type VerifyBody = z.infer<typeof verifySchema>;

export const refuseSchema = z.strictObject({ reason: z.enum(REFUSALS) }).meta({ id: 'RefuseRequestBody', examples: [{ reason: 'legal-obligation' }] });
export type RefuseBody = z.infer<typeof refuseSchema>;

export const extendSchema = z.strictObject({ reason: z.enum(EXTENSION_REASONS) }).meta({ id: 'ExtendRequestBody', examples: [{ reason: 'complexity' }] });
export type ExtendBody = z.infer<typeof extendSchema>;

export const carryOutSchema = z.strictObject({
  purposes: z.array(z.string().min(1).max(100)).min(1).max(50).optional().meta({ description: 'Of an objection: to which purposes. Left out, those of the request; else all that rest on legitimate interest.' }),
  correction: correctionSchema.optional().meta({ description: 'Of a rectification: what is right. Left out, what the request says.' }),
}).meta({ id: 'CarryOutRequestBody', examples: [{ purposes: ['profiling'] }] });
export type CarryOutBody = z.infer<typeof carryOutSchema>;
