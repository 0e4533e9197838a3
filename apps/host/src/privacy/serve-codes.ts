import { FirsthandError } from '@firsthand/domain';
import type { Response } from 'express';
import type { AdminContext } from '../admin/admin-context.js';
import { confirmCode, requestCode } from './one-time-codes.js';
import { pageLanguage } from './privacy-texts.js';
import { answerWithPage } from './serve-privacy-page.js';

export interface CodeForm {
  contact: string;
  lang?: string | undefined;
}

export interface ConfirmForm extends CodeForm {
  code: string;
}

interface Asked<F> {
  workspaceId: string;
  form: F;
  /** Accept-Language. */
  language: string | undefined;
  address: string;
  /** Sent by the page, which people read; else JSON. */
  isForm: boolean;
}

/** Makes and sends a code. @throws FirsthandError as `requestCode` */
export async function answerCode(admin: AdminContext, { workspaceId, form: { contact, lang }, language, address, isForm }: Asked<CodeForm>, response: Response): Promise<void> {
  const page = { workspaceId, lang, language };
  try {
    const expiresAt = await requestCode(admin, { workspaceId, contact, language: pageLanguage(lang, language), address });
    if (isForm) return await answerWithPage(admin, { ...page, status: 202, message: 'codeSent', contact }, response);
    response.setHeader('Cache-Control', 'no-store').status(202).json({ expiresAt: new Date(expiresAt).toISOString() });
  } catch (error) {
    if (!isForm || !isCode(error, 'INVALID_REQUEST')) throw error;
    await answerWithPage(admin, { ...page, status: 400, message: 'contactInvalid' }, response);
  }
}

/** Opens the person's page. @throws FirsthandError as `confirmCode` */
export async function answerConfirm(admin: AdminContext, { workspaceId, form: { contact, lang, code }, language, address, isForm }: Asked<ConfirmForm>, response: Response): Promise<void> {
  const shown = pageLanguage(lang, language);
  try {
    const { token, expiresAt } = await confirmCode(admin, { workspaceId, contact, language: shown, address }, code);
    const path = `/privacy/${encodeURIComponent(workspaceId)}?${new URLSearchParams({ token, lang: shown }).toString()}`;
    response.setHeader('Cache-Control', 'no-store').setHeader('Referrer-Policy', 'no-referrer');
    if (isForm) response.redirect(303, path);
    else response.json({ url: `${admin.publicUrl}${path}`, expiresAt: new Date(expiresAt).toISOString() });
  } catch (error) {
    if (!isForm || !isCode(error, 'UNAUTHENTICATED')) throw error;
    await answerWithPage(admin, { workspaceId, lang, language, status: 401, message: 'codeWrong', contact }, response);
  }
}

function isCode(error: unknown, code: 'INVALID_REQUEST' | 'UNAUTHENTICATED'): boolean {
  return error instanceof FirsthandError && error.code === code;
}
