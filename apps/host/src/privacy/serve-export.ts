import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isSameHash } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import type { ExportFilePlace, ExportFormat, PersonExportRow } from '@firsthand/pipeline';
import type { Response } from 'express';
import type { AdminContext } from '../admin/admin-context.js';
import { hashOfLink } from '../admin/person-exports/person-exports.js';
import { renderExportPage } from './export-page.js';
import { pageLanguage } from './privacy-texts.js';
import { sendPage } from './send-page.js';

/** A download may take this long before another one may begin. */
const DOWNLOAD_MS = 15 * 60_000;
const TYPES: Record<ExportFormat, string> = { json: 'application/json; charset=utf-8', html: 'text/html; charset=utf-8' };

/** Which copy, and by what it is opened. */
export interface ExportPlace {
  workspaceId: string;
  id: string;
  token: string;
}

/** Answers with the page of the buttons; with one that says so where the link is over. */
export async function showExportPage(admin: AdminContext, place: ExportPlace, language: string | undefined, response: Response): Promise<void> {
  const row = await openExport(admin, place);
  sendPage(response, row === undefined ? 401 : 200, (nonce) => renderExportPage({
    language: pageLanguage(row?.language, language), nonce, action: `/privacy/${encodeURIComponent(place.workspaceId)}/exports/${encodeURIComponent(place.id)}`, token: row === undefined ? '' : place.token, open: row ?? null,
  }));
}

/**
 * Streams one file, once: it is deleted when all of it was handed over. A download that breaks off can be begun again.
 *
 * @throws FirsthandError `UNAUTHENTICATED`, `EXPORT_GONE`
 */
export async function downloadExport(admin: AdminContext, { format, ...place }: ExportPlace & { format: ExportFormat }, response: Response): Promise<void> {
  const opened = await openExport(admin, place);
  if (opened === undefined) throw new FirsthandError('UNAUTHENTICATED', 'The link is not valid any more.');
  await sendExportFile(admin, { workspaceId: place.workspaceId, exportId: opened.exportId, linkHash: hashOfLink(place.token), format }, response);
}

/** Streams one file to who has shown that it is theirs, once. @throws FirsthandError `EXPORT_GONE` */
export async function sendExportFile({ exports, clock }: Pick<AdminContext, 'exports' | 'clock'>, place: ExportFilePlace, response: Response): Promise<void> {
  const { workspaceId, exportId, format } = place;
  const row = await exports.takeFile(place, clock(), clock() + DOWNLOAD_MS);
  const file = row?.files.find((one) => one.format === format);
  if (file === undefined) throw new FirsthandError('EXPORT_GONE');
  response.setHeader('Cache-Control', 'no-store').setHeader('Referrer-Policy', 'no-referrer').setHeader('Content-Length', file.bytes)
    .attachment(`my-data.${format}`).setHeader('Content-Type', TYPES[format]);
  let isWhole = false;
  try {
    await pipeline(Readable.from(exports.readFile(exportId, file)), response);
    isWhole = true;
  } catch (error) {
    // Whoever went away in the middle is no failure of ours; what we could not read is.
    if (!response.destroyed) throw error;
  } finally {
    await exports.releaseFile(workspaceId, exportId, file, isWhole ? clock() : null);
  }
}

async function openExport({ exports, clock }: AdminContext, { workspaceId, id, token }: ExportPlace): Promise<PersonExportRow | undefined> {
  const row = await exports.find(workspaceId, storeKey(workspaceId, id));
  if (row === undefined || row.linkHash === null || row.expiresAt <= clock()) return undefined;
  return isSameHash(hashOfLink(token), row.linkHash) ? row : undefined;
}
