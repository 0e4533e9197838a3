import { compileCondition, FirsthandError, type CustomField } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { AgreementDocument, ConnectionDocument, PurposeDocument, SegmentDocument } from '../../configuration/documents.js';
import type { FlowContent } from '../documents.js';
import { restsOn } from '../dry-run/live-flows-with.js';
import { flowsWith } from '../flows-with.js';
import type { Caller } from '../http/caller.js';
import { keySchema, localisedSchema } from '../http/id-schema.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';

const fields = {
  name: localisedSchema.meta({ description: 'Language to name.' }),
  description: localisedSchema.meta({ description: 'Language to what the customer reads.' }),
  lawfulBasis: z.enum(['consent', 'contract', 'legal', 'vital', 'public', 'legitimate']).meta({ description: 'GDPR art. 6(1).' }),
  fields: z.array(z.string().min(1).max(200)).max(500).meta({ description: 'Canonical fields that may be used; `*` for all, `profile.*` for all below.' }),
  needsSeparateThirdPartyConsent: z.boolean().meta({ description: 'Whether sharing with a third party needs a consent of its own (PIPL art. 23).' }),
  expiresAfterDays: z.int().min(1).max(36_500).nullable(),
};
const EXAMPLE = {
  name: { en: 'Marketing', 'zh-CN': '营销' }, description: { en: 'We write to you about our products.', 'zh-CN': '我们会向您介绍我们的产品。' }, lawfulBasis: 'consent' as const,
  fields: ['profile.*', 'identities.*'], needsSeparateThirdPartyConsent: true, expiresAfterDays: 730,
};

export const newPurposeSchema = z.strictObject({ key: keySchema, ...fields }).meta({ id: 'NewPurpose', examples: [{ key: 'marketing', ...EXAMPLE }] });
export type NewPurpose = z.infer<typeof newPurposeSchema>;
export const purposeChangeSchema = z.strictObject(fields).partial().meta({ id: 'PurposeChange', examples: [{ expiresAfterDays: 365 }] });
export type PurposeChange = z.infer<typeof purposeChangeSchema>;
export const purposeSchema = z.object({ id: z.string(), key: z.string(), version: z.int(), ...fields }).meta({ id: 'Purpose' });
export type PurposeView = z.infer<typeof purposeSchema>;
export const PURPOSE_EXAMPLE: PurposeView = { id: 'marketing', key: 'marketing', version: 1, ...EXAMPLE };

function view({ id, version, content }: Configured<PurposeDocument>): PurposeView {
  return { id, key: id, version, ...content };
}

export function listPurposes(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<PurposeView>> {
  return listConfigured<PurposeDocument, PurposeView>(admin, { kind: 'purposes', workspaceId, query }, view);
}

export async function getPurpose({ repository }: AdminContext, { workspaceId }: Caller, id: string): Promise<PurposeView> {
  return view(await repository.get<PurposeDocument>('purposes', workspaceId, id));
}

export async function createPurpose(admin: AdminContext, { workspaceId }: Caller, { key, ...content }: NewPurpose): Promise<PurposeView> {
  const row = await admin.repository.create<PurposeDocument>('purposes', workspaceId, key, content, admin.clock());
  await admin.configuration.refresh();
  return view(row);
}

/** What people are in may rest on it, so that everybody is evaluated again. */
export async function changePurpose(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, change: PurposeChange): Promise<PurposeView> {
  const row = await changeConfigured<PurposeDocument>(admin, 'purposes', workspaceId, id, ifMatch, (content) => ({ ...content, ...change }), { evaluates: true });
  return view(row);
}

/** @throws FirsthandError `CONFLICT` while something stands on it: what rests on no purpose would stop in silence */
export async function deletePurpose(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  const { repository } = admin;
  const all = { limit: 0 };
  const [agreements, connections, fields, segments, flows] = await Promise.all([
    repository.list<AgreementDocument>('agreements', workspaceId, all), repository.list<ConnectionDocument>('connections', workspaceId, all),
    repository.list<CustomField>('customFields', workspaceId, all), repository.list<SegmentDocument>('segments', workspaceId, all), repository.list<FlowContent>('flows', workspaceId, all),
  ]);
  const users = [
    ...agreements.filter(({ content }) => content.versions.some(({ purposes }) => purposes.includes(id))).map((row) => `agreement ${row.id}`),
    ...connections.filter(({ content }) => collectsFor(content, id)).map((row) => `connection ${row.id}`),
    ...fields.filter(({ content }) => content.purposes?.includes(id) === true).map((row) => `field ${row.id}`),
    ...segments.filter(({ content }) => [content, content.published].some((segment) => segment !== null && stands(segment, id))).map((row) => `segment ${row.id}`),
    ...flowsWith(flows, (flow) => restsOn(flow, id)).map((flowId) => `flow ${flowId}`),
  ];
  if (users.length > 0) throw new FirsthandError('CONFLICT', `The purpose is in use: ${users.slice(0, 5).join(', ')}.`);
  await repository.delete('purposes', workspaceId, id, ifMatch);
  await admin.configuration.refresh();
}

function collectsFor(content: ConnectionDocument, id: string): boolean {
  return content.kind === 'source' && (content.collectionPurpose === id || Object.values(content.consentCategories).includes(id));
}

function stands({ purpose, condition }: Pick<SegmentDocument, 'purpose' | 'condition'>, id: string): boolean {
  return purpose === id || compileCondition(condition).consents.includes(id);
}
