import { CONSENT_METHODS, dataSubjectOf, decideScopes, identityKey, RECIPIENT_KINDS, SEPARATE_CONSENTS, stableId, UNKNOWN_SUBJECT, type ConsentProofFacts, type ConsentRecord, type Identity } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { recordConsents } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { channelSchema } from '../http/id-schema.js';
import { identitySchema, normaliseIdentity, type IdentityQuery } from '../http/identity-body.js';
import { refuseHiddenIdentity } from '../http/refuse-hidden.js';
import { findPersonOf, type FoundPerson } from '../profiles/find-person.js';

const scopeSchema = z.union([z.enum([...RECIPIENT_KINDS, ...SEPARATE_CONSENTS]), channelSchema]);

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');

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
  method: z.enum(['api', 'signature', 'import']).default('api').meta({ description: '`signature`: on a document, whose hash is `signatureHash`. `import`: it was decided elsewhere; without all of `proof` a grant is kept as unproven and permits nothing.' }),
  actor: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['person', 'guardian']) }), z.strictObject({ kind: z.literal('clerk'), id: z.string().regex(/^[A-Za-z0-9_.:-]{1,100}$/).meta({ description: 'A number or key of yours, no name.' }) }),
  ]).optional().meta({ description: 'Who brought the decision here: the person, a parent or guardian, a store clerk. Left out: the account or key that calls.' }),
  servedNotice: z.strictObject({ id: z.string().min(1).max(1_000) }).optional().meta({ description: 'The id that `GET /v1/notice` gave when the text was shown. One that is not known is kept as claimed, and proves nothing.' }),
  signatureHash: sha256Schema.optional().meta({ description: 'SHA-256 of the signed document: needed for the method `signature`.' }),
  proof: z.strictObject({ textHash: sha256Schema, decidedAt: z.iso.datetime(), method: z.enum(CONSENT_METHODS) }).partial().optional()
    .meta({ description: 'For the method `import`: the hash of the text (`textHashes` of an agreement), when the person decided, and how.' }),
  submissionId: z.string().max(200).default('').meta({ description: 'Makes a repeat of the same call harmless.' }),
}).refine(({ method, signatureHash }) => (method === 'signature') === (signatureHash !== undefined), { path: ['signatureHash'], message: 'goes with the method signature, and it with this' })
.refine(({ method, proof }) => method === 'import' || proof === undefined, { path: ['proof'], message: 'goes with the method import' }).meta({
  id: 'ConsentBody',
  examples: [{
    identity: { namespace: 'email', value: 'ana@example.com' }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }],
    agreement: { agreementId: 'privacy-notice', version: 1, language: 'en' }, submissionId: 'form-20261124-0001',
  }],
});
export type ConsentBody = z.infer<typeof consentBodySchema>;

export const consentRecordSchema = z.object({
  recordId: z.string(), purpose: z.string(), decision: z.string(), recipients: z.array(z.string()), agreementId: z.string().nullable(), agreementVersion: z.int().nullable(),
  textHash: z.string().nullable().meta({ description: 'Of the text that the person was shown; null where nothing says that any was, as of what a consent tool tells.' }), method: z.string(), sourceConnectionId: z.string().nullable(), isVerified: z.boolean(), effectiveAt: z.iso.datetime(), recordedAt: z.iso.datetime(),
  actor: z.object({ kind: z.string(), id: z.string().optional() }).nullable().meta({ description: 'Null for records of before it was noted.' }),
  isUnproven: z.boolean(), isUnconfirmed: z.boolean().meta({ description: 'A grant that waits to be confirmed, and permits nothing.' }),
  confirms: z.object({ recordId: z.string(), decidedAt: z.iso.datetime() }).nullable().meta({ description: 'Of a double opt-in: the grant that it confirms.' }), importedAs: z.string().nullable(), signatureHash: z.string().nullable(),
  servedNotice: z.object({
    id: z.string().nullable(), standing: z.enum(['served', 'claimed']), agreementId: z.string().optional(), agreementVersion: z.int().optional(), textHash: z.string().optional(), language: z.string().optional(),
    surface: z.string().optional(), origin: z.string().nullable().optional(), servedAt: z.iso.datetime().optional(),
  }).nullable().meta({ description: 'What was shown. `served`: this host gave the id for it. `claimed`: whoever sent the decision says so.' }),
});
export const consentRecordsSchema = z.object({ records: z.array(consentRecordSchema) }).meta({ id: 'ConsentRecords' });
export const consentStandingSchema = z.object({
  purposes: z.array(z.object({ purpose: z.string(), recipient: z.string().meta({ description: 'A kind of recipient, or what the purpose wants a consent of its own for.' }), isAllowed: z.boolean(), reason: z.string(), validUntil: z.iso.datetime().nullable() })), records: z.array(consentRecordSchema),
}).meta({ id: 'ConsentStandings' });

export type ConsentRecordView = z.infer<typeof consentRecordSchema>;
export type ConsentStandings = z.infer<typeof consentStandingSchema>;

/** Records what a person decided. @throws FirsthandError `INVALID_REQUEST`, `NOT_FOUND` */
export async function submitConsents(admin: AdminContext, { workspaceId, principal }: Caller, body: ConsentBody): Promise<{ records: ConsentRecordView[] }> {
  const { decisions, agreement, submissionId, effectiveAt, method, servedNotice, signatureHash, proof } = body;
  const identity = normaliseIdentity(body.identity);
  const known = submissionId === '' ? [] : await findSubmitted(admin, workspaceId, identity, body);
  if (known.length === decisions.length) return { records: known.map(viewRecord) };
  const records = await recordConsents({
    workspaceId, identity, decisions, agreement, method, submissionId, servedNotice, signatureHash, proof: proof === undefined ? undefined : proofOf(proof),
    actor: body.actor ?? { kind: method === 'import' ? 'import' : 'admin', id: principal.id }, ...(effectiveAt === undefined ? {} : { effectiveAt: Date.parse(effectiveAt) }),
  }, admin);
  return { records: records.map(viewRecord) };
}

function proofOf({ textHash, decidedAt, method }: NonNullable<ConsentBody['proof']>): ConsentProofFacts {
  return { ...(textHash === undefined ? {} : { textHash }), ...(decidedAt === undefined ? {} : { decidedAt: Date.parse(decidedAt) }), ...(method === undefined ? {} : { method }) };
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
  const identity = normaliseIdentity(query);
  const person = await findPersonOf(admin, workspaceId, identity);
  return standingsOf(admin, workspaceId, person, person?.profile.identities ?? [identity]);
}

/** What stands for a person, undefined for nobody known, and the log of these identities. */
export async function standingsOf(admin: Pick<AdminContext, 'collections' | 'configuration' | 'clock'>, workspaceId: string, person: Pick<FoundPerson, 'profile' | 'consents'> | undefined, identities: readonly Identity[]): Promise<ConsentStandings> {
  const { purposes, agreements } = admin.configuration.workspace(workspaceId);
  const records = await readRecords(admin, workspaceId, identities);
  const now = admin.clock();
  const subject = person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile);
  return {
    purposes: decideScopes({ state: person?.consents, subject, agreements, now }, purposes.values())
      .map(({ purpose, scope, isAllowed, reason, validUntil }) => ({ purpose, recipient: scope, isAllowed, reason, validUntil: validUntil === null ? null : new Date(validUntil).toISOString() })),
    records: records.map(viewRecord),
  };
}

/** The log of these identities, newest first. */
export async function readRecords({ collections }: Pick<AdminContext, 'collections'>, workspaceId: string, identities: readonly Identity[]): Promise<ConsentRecord[]> {
  return collections.consents.find({ workspaceId, identityKey: { $in: identities.map(identityKey) } }, { sort: { recordedAt: -1 }, limit: 500 }).toArray();
}

/** Without the identity that decided: whoever asks named it. */
export function viewRecord(record: ConsentRecord): ConsentRecordView {
  const { recordId, purpose, decision, recipients, agreementId, agreementVersion, textHash, method, sourceConnectionId, isVerified, effectiveAt, recordedAt, actor = null, isUnproven = false, isUnconfirmed = false, confirms, importedAs = null, signatureHash = null } = record;
  return {
    recordId, purpose, decision, recipients, agreementId, agreementVersion, textHash, method, sourceConnectionId, isVerified,
    effectiveAt: new Date(effectiveAt).toISOString(), recordedAt: new Date(recordedAt).toISOString(),
    actor, isUnproven, isUnconfirmed, confirms: confirms === undefined ? null : { recordId: confirms.recordId, decidedAt: new Date(confirms.decidedAt).toISOString() }, importedAs, signatureHash, servedNotice: viewNotice(record),
  };
}

function viewNotice({ servedNotice }: ConsentRecord): ConsentRecordView['servedNotice'] {
  if (servedNotice === undefined) return null;
  const { servedAt, ...facts } = servedNotice;
  return { ...facts, ...(servedAt === undefined ? {} : { servedAt: new Date(servedAt).toISOString() }) };
}
