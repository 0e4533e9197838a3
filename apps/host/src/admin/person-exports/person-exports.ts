import { createHash, randomBytes } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { EXPORT_FORMATS, orderPersonExport, type PersonExportRow } from '@firsthand/pipeline';
import { z } from 'zod';
import { PAGE_LANGUAGES } from '../../privacy/privacy-texts.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { findPerson } from '../profiles/find-person.js';

const time = z.iso.datetime();

export const personExportBodySchema = z.strictObject({ language: z.enum(PAGE_LANGUAGES).default('en').meta({ description: 'Of the page that people read.' }) }).meta({ id: 'PersonExportBody', examples: [{ language: 'en' }] });
export type PersonExportBody = z.infer<typeof personExportBodySchema>;

export const personExportSchema = z.object({
  id: z.string(), profileId: z.string(), requestId: z.string().nullable(), state: z.enum(['pending', 'ready', 'failed']), createdAt: time, noticedAt: time.nullable().meta({ description: 'When the person was sent the link.' }),
  expiresAt: time.meta({ description: 'When it is deleted, fetched or not.' }),
  files: z.array(z.object({ format: z.enum(EXPORT_FORMATS), bytes: z.int(), sha256: z.string(), fetchedAt: time.nullable() })),
}).meta({ id: 'PersonExport' });
export type PersonExportView = z.infer<typeof personExportSchema>;

export const personExportLinkSchema = z.object({ url: z.string(), expiresAt: time }).meta({ id: 'PersonExportLink' });
export type PersonExportLink = z.infer<typeof personExportLinkSchema>;

/** Asks for a copy of everything about a person. @throws FirsthandError `NOT_FOUND` */
export async function createPersonExport(admin: AdminContext, { workspaceId }: Caller, profileId: string, { language }: PersonExportBody): Promise<PersonExportView> {
  const person = await findPerson(admin, workspaceId, profileId);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  return view(await orderPersonExport({ workspaceId, profileId: person.profile.profileId, orderId: admin.newId(), requestId: null, language }, admin));
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getPersonExport(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<PersonExportView> {
  return view(await findExport(admin, workspaceId, id));
}

/** Makes the link that opens the files; a former one is over. @throws FirsthandError `NOT_FOUND`, `CONFLICT` for one that is not ready */
export async function mintExportLink(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<PersonExportLink> {
  const row = await findExport(admin, workspaceId, id);
  const { url, linkHash } = newExportLink(admin, row);
  if (!(await admin.exports.setLink(workspaceId, row.exportId, linkHash))) throw new FirsthandError('CONFLICT', 'The copy is not ready.');
  return { url, expiresAt: new Date(row.expiresAt).toISOString() };
}

/** A link to the files of a copy, and the hash that is stored of it. */
export function newExportLink({ publicUrl }: Pick<AdminContext, 'publicUrl'>, { workspaceId, exportId }: Pick<PersonExportRow, 'workspaceId' | 'exportId'>): { url: string; linkHash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { url: `${publicUrl}/privacy/${encodeURIComponent(workspaceId)}/exports/${encodeURIComponent(exportId.slice(workspaceId.length + 1))}?token=${secret}`, linkHash: hashOfLink(secret) };
}

/** What is stored of the secret of a link. */
export function hashOfLink(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

async function findExport({ exports }: AdminContext, workspaceId: string, id: string): Promise<PersonExportRow> {
  const row = await exports.find(workspaceId, storeKey(workspaceId, id));
  if (row === undefined) throw new FirsthandError('NOT_FOUND');
  return row;
}

function view({ exportId, workspaceId, profileId, requestId, state, createdAt, noticedAt, expiresAt, files }: PersonExportRow): PersonExportView {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    id: exportId.slice(workspaceId.length + 1), profileId, requestId: requestId === null ? null : requestId.slice(workspaceId.length + 1), state, createdAt: iso(createdAt), noticedAt: noticedAt === null ? null : iso(noticedAt), expiresAt: iso(expiresAt),
    files: files.map(({ format, bytes, sha256, fetchedAt }) => ({ format, bytes, sha256, fetchedAt: fetchedAt === null ? null : iso(fetchedAt) })),
  };
}
