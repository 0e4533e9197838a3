import { hash } from 'node:crypto';
import { FirsthandError, type AgreementVersion } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { AgreementDocument, WorkspaceDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';
import { keySchema } from '../http/id-schema.js';
import { PAGE_LANGUAGES } from '../../privacy/privacy-texts.js';
import { renderNotice } from './render-notice.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';

const name = z.string().min(1).max(200);
const texts = z.record(z.string().regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/), z.string().min(1).max(50_000)).meta({ description: 'Language (BCP 47) to the text that the customer reads.' });

export const newAgreementSchema = z.strictObject({ id: keySchema.optional(), name }).meta({ id: 'NewAgreement', examples: [{ id: 'privacy-notice', name: 'Privacy notice' }] });
export type NewAgreement = z.infer<typeof newAgreementSchema>;
export const agreementChangeSchema = z.strictObject({ name }).meta({ id: 'AgreementChange', examples: [{ name: 'Privacy notice of the shop' }] });
export const newVersionSchema = z.strictObject({
  isMaterial: z.boolean().default(true).meta({ description: 'A material version ends the effect of consents to older ones.' }), purposes: z.array(z.string().min(1).max(100)).min(1).max(100), texts: texts.default({}),
  notice: z.strictObject({ languages: z.array(z.enum(PAGE_LANGUAGES)).min(1).default([...PAGE_LANGUAGES]), introduction: texts.default({}) }).optional()
    .meta({ description: 'Has the text written from the purposes, in languages that `texts` does not give. `?dryRun=true` shows it.' }),
}).meta({ id: 'NewAgreementVersion', examples: [{ isMaterial: true, purposes: ['marketing'], texts: { en: 'We use your contact data to tell you about our products.', 'zh-CN': '我们使用您的联系方式向您介绍我们的产品。' } }] });
export type NewAgreementVersion = z.infer<typeof newVersionSchema>;

const versionSchema = z.object({
  version: z.int(), isMaterial: z.boolean(), purposes: z.array(z.string()), texts, textHashes: z.record(z.string(), z.string()).meta({ description: 'SHA-256 (hex) of each text in UTF-8.' }), publishedAt: z.iso.datetime(),
});
export const agreementSchema = z.object({ id: z.string(), version: z.int(), name, versions: z.array(versionSchema) }).meta({ id: 'Agreement' });
export type AgreementView = z.infer<typeof agreementSchema>;

function view({ id, version, content }: Configured<AgreementDocument>): AgreementView {
  return { id, version, name: content.name, versions: content.versions.map(({ agreementId: _, publishedAt, ...shown }) => ({ ...shown, publishedAt: new Date(publishedAt).toISOString() })) };
}

export function listAgreements(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<AgreementView>> {
  return listConfigured<AgreementDocument, AgreementView>(admin, { kind: 'agreements', workspaceId, query }, view);
}

export async function getAgreement({ repository }: AdminContext, { workspaceId }: Caller, id: string): Promise<AgreementView> {
  return view(await repository.get<AgreementDocument>('agreements', workspaceId, id));
}

export async function createAgreement(admin: AdminContext, { workspaceId }: Caller, { id, name: called }: NewAgreement): Promise<AgreementView> {
  const row = await admin.repository.create<AgreementDocument>('agreements', workspaceId, id ?? admin.newId(), { name: called, versions: [] }, admin.clock());
  await admin.configuration.refresh();
  return view(row);
}

export async function renameAgreement(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, called: string): Promise<AgreementView> {
  return view(await changeConfigured<AgreementDocument>(admin, 'agreements', workspaceId, id, ifMatch, (content) => ({ ...content, name: called })));
}

/**
 * Publishes the next version. It can never be changed: consents point at it by number and by the hash of its text.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a purpose that does not exist
 */
export async function publishVersion(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined, given: NewAgreementVersion): Promise<AgreementView> {
  const known = new Set((await admin.repository.list('purposes', workspaceId)).map((row) => row.id));
  const places = given.purposes.flatMap((key, index) => (known.has(key) ? [] : [{ path: `/purposes/${index}`, message: 'there is no such purpose' }]));
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, places);
  const shown = { ...(await writtenTexts(admin, workspaceId, given)), ...given.texts };
  if (Object.keys(shown).length === 0) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/texts', message: 'holds no text, and notice asks for none' }]);
  const row = await changeConfigured<AgreementDocument>(admin, 'agreements', workspaceId, id, ifMatch, (content) => {
    const next: AgreementVersion = {
      agreementId: id, version: (content.versions.at(-1)?.version ?? 0) + 1, isMaterial: given.isMaterial, purposes: [...new Set(given.purposes)], texts: shown,
      textHashes: Object.fromEntries(Object.entries(shown).map(([language, text]) => [language, hash('sha256', text)])), publishedAt: admin.clock(),
    };
    return { ...content, versions: [...content.versions, next] };
    // Consents to older versions may have ended, and memberships with them.
  }, { evaluates: true });
  return view(row);
}

async function writtenTexts({ configuration, repository }: AdminContext, workspaceId: string, { notice, purposes }: NewAgreementVersion): Promise<Record<string, string>> {
  if (notice === undefined) return {};
  const { content: { name: brand } } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  await configuration.refresh();
  const workspace = configuration.workspace(workspaceId);
  return Object.fromEntries(notice.languages.map((language) => [language, renderNotice({ configuration: workspace, brand, purposes: [...new Set(purposes)], language, introduction: notice.introduction })]));
}
