import { dataSubjectOf, decideScope, identityKey, RECIPIENT_KINDS, SEPARATE_CONSENTS, stableId, UNKNOWN_SUBJECT, type ConsentRecord, type Identity } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { recordConsents } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { channelSchema } from '../http/id-schema.js';
import { identitySchema, normaliseIdentity, type IdentityQuery } from '../http/identity-body.js';
import { refuseHiddenIdentity } from '../http/refuse-hidden.js';
import { findPerson, findProfileId } from '../profiles/find-person.js';

const scopeSchema = z.union([z.enum([...RECIPIENT_KINDS, ...SEPARATE_CONSENTS]), channelSchema]);

export const consentBodySchema = z.strictObject({
  identity: identitySchema,
  decisions: z.array(z.strictObject({
    purpose: z.string().min(1).max(100).meta({ description: 'Its key; `*` for every purpose: a restriction of all processing, or of a channel.' }), decision: z.enum(['granted', 'denied', 'withdrawn', 'objected']),
    recipients: z.array(scopeSchema).min(1).max(20).optional().meta({
      description: 'What the decision is about: kinds of recipients, `sensitive`, `cross-border` or `minor`, and channels such as `email`. Left out: a refusal is for all kinds, a grant for own and processor.',
    }),
  })).min(1).max(50),
  agreement: z.strictObject({ agreementId: z.string().min(1).max(200), version: z.int().min(1), language: z.string().min(2).max(35) }).nullable().default(null)
    .meta({ description: 'The text that the person read: needed for a grant.' }),
  effectiveAt: z.iso.datetime().optional().meta({ description: 'When the person decided; now when left out.' }),
  submissionId: z.string().max(200).default('').meta({ description: 'Makes a repeat of the same call harmless.' }),
}).meta({
  id: 'ConsentBody',
  examples: [{
    identity: { namespace: 'email', value: 'ana@example.com' }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }],
    agreement: { agreementId: 'privacy-notice', version: 1, language: 'en' }, submissionId: 'form-20261124-0001',
  }],
});
export type ConsentBody = z.infer<typeof consentBodySchema>;

const recordSchema = z.object({
  recordId: z.string(), purpose: z.string(), decision: z.string(), recipients: z.array(z.string()), agreementId: z.string().nullable(), agreementVersion: z.int().nullable(),
  textHash: z.string().nullable(), method: z.string(), sourceConnectionId: z.string().nullable(), isVerified: z.boolean(), effectiveAt: z.iso.datetime(), recordedAt: z.iso.datetime(),
});
export const consentRecordsSchema = z.object({ records: z.array(recordSchema) }).meta({ id: 'ConsentRecords' });
export const consentStandingSchema = z.object({
  purposes: z.array(z.object({ purpose: z.string(), recipient: z.string().meta({ description: 'A kind of recipient, or what the purpose wants a consent of its own for.' }), isAllowed: z.boolean(), reason: z.string(), validUntil: z.iso.datetime().nullable() })), records: z.array(recordSchema),
}).meta({ id: 'ConsentStandings' });

export type ConsentRecordView = z.infer<typeof recordSchema>;
export type ConsentStandings = z.infer<typeof consentStandingSchema>;

/** Records what a person decided. @throws FirsthandError `INVALID_REQUEST`, `NOT_FOUND` */
export async function submitConsents(admin: AdminContext, { workspaceId }: Caller, body: ConsentBody): Promise<{ records: ConsentRecordView[] }> {
  const { decisions, agreement, submissionId, effectiveAt } = body;
  const identity = normaliseIdentity(body.identity);
  const known = submissionId === '' ? [] : await findSubmitted(admin, workspaceId, identity, body);
  if (known.length === decisions.length) return { records: known.map(viewRecord) };
  const records = await recordConsents({
    workspaceId, identity, decisions, agreement, method: 'api', submissionId, ...(effectiveAt === undefined ? {} : { effectiveAt: Date.parse(effectiveAt) }),
  }, admin);
  return { records: records.map(viewRecord) };
}

/** The records that the same submission has made already, by the ids that it makes. */
async function findSubmitted({ collections }: AdminContext, workspaceId: string, identity: Identity, { decisions, submissionId }: ConsentBody): Promise<ConsentRecord[]> {
  const key = identityKey(identity);
  const ids = decisions.map(({ purpose }, index) => storeKey(workspaceId, stableId(workspaceId, 'consent', submissionId, key, purpose, index)));
  return collections.consents.find({ _id: { $in: ids } }).toArray();
}

/** What stands for a person, for each purpose and kind of recipient, and the log it comes from. Somebody who is not known has decided nothing. */
export async function getConsents(admin: AdminContext, { workspaceId, ability }: Caller, query: IdentityQuery): Promise<ConsentStandings> {
  refuseHiddenIdentity(ability, query.namespace);
  return standingsOf(admin, workspaceId, normaliseIdentity(query));
}

export async function standingsOf(admin: AdminContext, workspaceId: string, identity: Identity): Promise<ConsentStandings> {
  const { purposes, agreements } = admin.configuration.workspace(workspaceId);
  const profileId = await findProfileId(admin, workspaceId, identity);
  const person = profileId === undefined ? undefined : await findPerson(admin, workspaceId, profileId);
  const records = await readRecords(admin, workspaceId, person?.profile.identities ?? [identity]);
  const now = admin.clock();
  const subject = person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile);
  return {
    purposes: [...purposes.values()].flatMap((purpose) => [...new Set([...RECIPIENT_KINDS, ...purpose.separateConsent])].map((recipient) => {
      const { isAllowed, reason, validUntil } = decideScope({ state: person?.consents, subject, purpose, agreements, now }, recipient);
      return { purpose: purpose.key, recipient, isAllowed, reason, validUntil: validUntil === null ? null : new Date(validUntil).toISOString() };
    })),
    records: records.map(viewRecord),
  };
}

/** The log of these identities, newest first. */
export async function readRecords({ collections }: AdminContext, workspaceId: string, identities: readonly Identity[]): Promise<ConsentRecord[]> {
  return collections.consents.find({ workspaceId, identityKey: { $in: identities.map(identityKey) } }, { sort: { recordedAt: -1 }, limit: 500 }).toArray();
}

/** Without the identity that decided: whoever asks named it. */
export function viewRecord(record: ConsentRecord): ConsentRecordView {
  const { recordId, purpose, decision, recipients, agreementId, agreementVersion, textHash, method, sourceConnectionId, isVerified, effectiveAt, recordedAt } = record;
  return {
    recordId, purpose, decision, recipients, agreementId, agreementVersion, textHash, method, sourceConnectionId, isVerified,
    effectiveAt: new Date(effectiveAt).toISOString(), recordedAt: new Date(recordedAt).toISOString(),
  };
}
