import { compileCondition, CONFIRMED_CHANNELS, FirsthandError, LAWFUL_BASES, PURPOSE_DEFAULTS, SEPARATE_CONSENTS, type CustomField } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { unreachableConfirmations } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import { isDestination, isSource, type AgreementDocument, type ConnectionDocument, type PurposeDocument, type SegmentDocument, type WorkspaceDocument } from '../../configuration/documents.js';
import type { FlowContent } from '../documents.js';
import { restsOn } from '../dry-run/live-flows-with.js';
import { flowsWith } from '../flows-with.js';
import type { Caller } from '../http/caller.js';
import { channelSchema, keySchema, localisedSchema } from '../http/id-schema.js';
import { ruleRestsOn, syncRulesWith } from '../sync-rules/sync-rules.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';

const lawfulBasis = z.enum(LAWFUL_BASES);
const fields = {
  name: localisedSchema.meta({ description: 'Language to name.' }),
  description: localisedSchema.meta({ description: 'Language to what the customer reads.' }),
  lawfulBasis: lawfulBasis.meta({ description: 'GDPR art. 6(1).' }),
  lawfulBasisIn: z.record(z.string().regex(/^[A-Z]{2}$/), lawfulBasis).meta({ description: 'Country (ISO 3166) to basis, where the law of the person\'s country asks for another one. Of a person whose country is not known the hardest counts.' }),
  dataCategories: z.array(z.string().min(1).max(100)).max(100).meta({ description: 'Kinds of data, as a notice calls them.' }),
  fields: z.array(z.string().min(1).max(200)).max(500).meta({ description: 'Canonical fields that may be used; `*` for all, `profile.*` for all below.' }),
  separateConsent: z.array(z.enum(['third-party', ...SEPARATE_CONSENTS])).max(4).meta({
    description: 'What needs a consent of its own: sharing with a third party (PIPL art. 23), sensitive data (art. 29), recipients outside the person\'s country (art. 39), children under 14 (art. 31).',
  }),
  channels: z.array(channelSchema).max(50).meta({ description: 'Channels on which it may reach people.' }),
  recipients: z.array(z.string().min(1).max(200)).max(500).nullable().meta({ description: 'The destination connections that may get data under it; null for all that flows send to.' }),
  retentionDays: z.int().min(1).max(36_500).nullable().meta({ description: 'Days for which data is kept for it; null while the person stays.' }),
  expiresAfterDays: z.int().min(1).max(36_500).nullable(),
  doubleOptIn: z.array(z.enum(CONFIRMED_CHANNELS)).max(CONFIRMED_CHANNELS.length).meta({
    description: 'Where a grant over a public write key must be confirmed before it counts: at the email address, or by a message to the number, that came with it. Empty: such a grant counts for the device alone.',
  }),
};
const EXAMPLE = {
  name: { en: 'Marketing', 'zh-CN': '营销' }, description: { en: 'We write to you about our products.', 'zh-CN': '我们会向您介绍我们的产品。' }, lawfulBasis: 'consent' as const,
  lawfulBasisIn: {}, dataCategories: ['contact details', 'purchases'], fields: ['profile.*', 'identities.*'], separateConsent: ['third-party' as const, 'sensitive' as const, 'minor' as const],
  channels: ['email', 'sms'], recipients: null, retentionDays: 1_095, expiresAfterDays: 730, doubleOptIn: ['email' as const],
};

/** What may be left out: the careful choice. */
const defaults = {
  lawfulBasisIn: fields.lawfulBasisIn.default(PURPOSE_DEFAULTS.lawfulBasisIn), dataCategories: fields.dataCategories.default(PURPOSE_DEFAULTS.dataCategories),
  separateConsent: fields.separateConsent.default([...PURPOSE_DEFAULTS.separateConsent]), channels: fields.channels.default(PURPOSE_DEFAULTS.channels),
  recipients: fields.recipients.default(PURPOSE_DEFAULTS.recipients), retentionDays: fields.retentionDays.default(PURPOSE_DEFAULTS.retentionDays), doubleOptIn: fields.doubleOptIn.default([]),
};

export const newPurposeSchema = z.strictObject({ key: keySchema, ...fields, ...defaults }).meta({ id: 'NewPurpose', examples: [{ key: 'marketing', ...EXAMPLE }] });
export type NewPurpose = z.infer<typeof newPurposeSchema>;
export const purposeChangeSchema = z.strictObject(fields).partial().meta({ id: 'PurposeChange', examples: [{ expiresAfterDays: 365 }] });
export type PurposeChange = z.infer<typeof purposeChangeSchema>;
const warnings = z.array(z.object({ code: z.enum(['CANNOT_ASK_TO_CONFIRM']), channels: z.array(z.enum(CONFIRMED_CHANNELS)), message: z.string() }))
  .meta({ description: 'What does not work as it is set up. `CANNOT_ASK_TO_CONFIRM`: `doubleOptIn` wants a channel on which this host can send nothing, so what people agree to there counts for nobody.' });
export const purposeSchema = z.object({ id: z.string(), key: z.string(), version: z.int(), ...fields, warnings }).meta({ id: 'Purpose' });
export type PurposeView = z.infer<typeof purposeSchema>;
export const PURPOSE_EXAMPLE: PurposeView = { id: 'marketing', key: 'marketing', version: 1, ...EXAMPLE, warnings: [] };

function view({ notifier }: Pick<AdminContext, 'notifier'>, { id, version, content }: Configured<PurposeDocument>): PurposeView {
  const doubleOptIn = content.doubleOptIn ?? [];
  const unreachable = unreachableConfirmations([{ key: id, doubleOptIn }], notifier).map(({ channels }) => ({
    code: 'CANNOT_ASK_TO_CONFIRM' as const, channels: doubleOptIn.filter((channel) => channels.includes(channel)), message: `No message can be sent by ${channels.join(' or ')}: set FIRSTHAND_SMTP_URL for email, or FIRSTHAND_NOTIFY_WEBHOOK_URL for both. Until then these grants wait and count for nobody.`,
  }));
  return { id, key: id, version, ...content, doubleOptIn, warnings: unreachable };
}

export function listPurposes(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<PurposeView>> {
  return listConfigured<PurposeDocument, PurposeView>(admin, { kind: 'purposes', workspaceId, query }, (row) => view(admin, row));
}

export async function getPurpose(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<PurposeView> {
  return view(admin, await admin.repository.get<PurposeDocument>('purposes', workspaceId, id));
}

export async function createPurpose(admin: AdminContext, { workspaceId }: Caller, { key, ...content }: NewPurpose): Promise<PurposeView> {
  await assertRecipients(admin, workspaceId, content.recipients);
  const row = await admin.repository.create<PurposeDocument>('purposes', workspaceId, key, content, admin.clock());
  await admin.configuration.refresh();
  return view(admin, row);
}

/** @throws FirsthandError `INVALID_REQUEST` for what is no destination connection */
async function assertRecipients({ repository }: AdminContext, workspaceId: string, recipients: readonly string[] | null = null): Promise<void> {
  if (recipients === null) return;
  const connections = await repository.list<ConnectionDocument>('connections', workspaceId);
  const known = new Set(connections.filter(({ content }) => isDestination(content)).map((row) => row.id));
  const places = recipients.flatMap((id, index) => (known.has(id) ? [] : [{ path: `/recipients/${index}`, message: 'there is no such destination connection' }]));
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, places);
}

/** What people are in may rest on it, so that everybody is evaluated again. */
export async function changePurpose(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, change: PurposeChange): Promise<PurposeView> {
  await assertRecipients(admin, workspaceId, change.recipients);
  const row = await changeConfigured<PurposeDocument>(admin, 'purposes', workspaceId, id, ifMatch, (content) => ({ ...content, ...change }), { evaluates: true });
  return view(admin, row);
}

/** @throws FirsthandError `CONFLICT` while something stands on it: what rests on no purpose would stop in silence */
export async function deletePurpose(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  const { repository } = admin;
  const [agreements, connections, fields, segments, flows, workspaces] = await Promise.all([
    repository.list<AgreementDocument>('agreements', workspaceId), repository.list<ConnectionDocument>('connections', workspaceId),
    repository.list<CustomField>('customFields', workspaceId), repository.list<SegmentDocument>('segments', workspaceId), repository.list<FlowContent>('flows', workspaceId),
    repository.list<WorkspaceDocument>('workspaces', workspaceId),
  ]);
  const users = [
    ...agreements.filter(({ content }) => content.versions.some(({ purposes }) => purposes.includes(id))).map((row) => `agreement ${row.id}`),
    ...connections.filter(({ content }) => collectsFor(content, id)).map((row) => `connection ${row.id}`),
    ...fields.filter(({ content }) => content.purposes?.includes(id) === true).map((row) => `field ${row.id}`),
    ...segments.filter(({ content }) => [content, content.published].some((segment) => segment !== null && stands(segment, id))).map((row) => `segment ${row.id}`),
    ...flowsWith(flows, (flow) => restsOn(flow, id)).map((flowId) => `flow ${flowId}`),
    ...(await syncRulesWith(admin, workspaceId, (rule) => ruleRestsOn(rule, id))).map((ruleId) => `sync rule ${ruleId}`),
    ...workspaces.filter(({ content }) => content.identitySettings?.matching?.purpose === id).map(() => 'the matching of profiles'),
  ];
  if (users.length > 0) throw new FirsthandError('CONFLICT', `The purpose is in use: ${users.slice(0, 5).join(', ')}.`);
  await repository.delete('purposes', workspaceId, id, ifMatch);
  await admin.configuration.refresh();
}

function collectsFor(content: ConnectionDocument, id: string): boolean {
  return isSource(content) && (content.collectionPurpose === id || content.profilePurpose === id || Object.values(content.consentCategories).includes(id) || (content.consentSignals ?? []).some(({ purpose }) => purpose === id));
}

function stands({ purpose, condition }: Pick<SegmentDocument, 'purpose' | 'condition'>, id: string): boolean {
  return purpose === id || compileCondition(condition).consents.includes(id);
}
