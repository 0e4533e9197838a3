import { FirsthandError } from '@firsthand/domain';
import { confirmConsents, readConfirmation, type ConfirmationAsk } from '@firsthand/pipeline';
import type { Response } from 'express';
import { brandOf } from '../admin/consents/consent-receipts.js';
import type { AdminContext } from '../admin/admin-context.js';
import { takeConfirmationCode } from './confirmation-codes.js';
import { renderConfirmationPage, type ConfirmationOutcome, type ConfirmedPurpose } from './confirmation-page.js';
import { bestLanguage, pageLanguage, type PageLanguage } from './privacy-texts.js';
import { sendPage } from './send-page.js';

export interface ConfirmationQuery {
  token: string;
  lang?: string | undefined;
}

export interface ConfirmationCodeForm {
  contact: string;
  code: string;
  lang?: string | undefined;
}

export interface ConfirmationForm extends ConfirmationQuery {
  ask: string | string[];
}

interface Asked<T> {
  workspaceId: string;
  /** Accept-Language. */
  language: string | undefined;
  given: T;
}

/** Answers with what the link confirms, and the button for it; without a token with the form for the code of a text message. */
export async function showConfirmation(admin: AdminContext, { workspaceId, query, language }: Omit<Asked<never>, 'given'> & { query: ConfirmationQuery }, response: Response): Promise<void> {
  admin.configuration.workspace(workspaceId);
  if (query.token === '') return answer(admin, { workspaceId, given: query, language }, { outcome: 'code', asks: [] }, response);
  const asks = await whileValid(async () => readConfirmation(await admin.confirmationLinks.open(query.token, workspaceId), admin));
  const outcome = asks === undefined ? 'over' : asks.length === 0 ? 'refused' : 'asked';
  await answer(admin, { workspaceId, given: query, language }, { outcome, asks: asks ?? [] }, response);
}

/** Takes the code of a text message, and leads on to what it confirms. @throws FirsthandError `RATE_LIMITED` */
export async function openByCode(admin: AdminContext, { workspaceId, form, language: accepted, address }: { workspaceId: string; form: ConfirmationCodeForm; language: string | undefined; address: string }, response: Response): Promise<void> {
  admin.configuration.workspace(workspaceId);
  const language = pageLanguage(form.lang, accepted);
  const token = await whileValid(() => takeConfirmationCode(admin, { workspaceId, contact: form.contact, language, address }, form.code));
  if (token === undefined) return answer(admin, { workspaceId, given: { token: '', lang: form.lang }, language: accepted }, { outcome: 'wrong', asks: [], contact: form.contact }, response);
  response.setHeader('Cache-Control', 'no-store').setHeader('Referrer-Policy', 'no-referrer').redirect(303, `/privacy/${encodeURIComponent(workspaceId)}/confirmations?${new URLSearchParams({ token, lang: language }).toString()}`);
}

/** Confirms what the page showed, and says what came of it. */
export async function confirmByForm(admin: AdminContext, { workspaceId, form, language }: Omit<Asked<never>, 'given'> & { form: ConfirmationForm }, response: Response): Promise<void> {
  admin.configuration.workspace(workspaceId);
  const records = await whileValid(async () => confirmConsents(await admin.confirmationLinks.open(form.token, workspaceId), [form.ask].flat(), { ...admin, hashShown: (ask) => textShown(admin, workspaceId, ask, pageLanguage(form.lang, language)).hash }));
  const outcome = records === undefined ? 'over' : records.length === 0 ? 'refused' : 'confirmed';
  await answer(admin, { workspaceId, given: form, language }, { outcome, asks: [] }, response);
}

/** Undefined for a link or code that is over, for what is no number, and for somebody who was erased: the page says the same. */
async function whileValid<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FirsthandError && ['UNAUTHENTICATED', 'PERSON_ERASED', 'INVALID_REQUEST'].includes(error.code)) return undefined;
    throw error;
  }
}

async function answer(admin: AdminContext, { workspaceId, given, language: accepted }: Asked<ConfirmationQuery>, { outcome, asks, contact = '' }: { outcome: ConfirmationOutcome; asks: readonly ConfirmationAsk[]; contact?: string }, response: Response): Promise<void> {
  const language = pageLanguage(given.lang, accepted);
  const purposes = asks.map((ask) => describe(admin, workspaceId, ask, language));
  const brand = await brandOf(admin, workspaceId);
  sendPage(response, outcome === 'over' || outcome === 'wrong' ? 401 : 200, (nonce) => renderConfirmationPage({
    language, nonce, outcome, purposes, brand, contact, token: outcome === 'asked' ? given.token : '',
    action: `/privacy/${encodeURIComponent(workspaceId)}/confirmations`, pageUrl: `/privacy/${encodeURIComponent(workspaceId)}?lang=${language}`,
  }));
}

/** A purpose with the text that is confirmed. */
function describe(admin: AdminContext, workspaceId: string, ask: ConfirmationAsk, language: PageLanguage): ConfirmedPurpose {
  const { recordId, purpose: key, servedNotice, decidedAt } = ask;
  const purpose = admin.configuration.workspace(workspaceId).purposes.get(key);
  const of = (texts: Record<string, string> = {}): string => texts[bestLanguage(texts, language) ?? ''] ?? '';
  const shown = textShown(admin, workspaceId, ask, language);
  return { recordId, name: of(purpose?.name) || key, description: of(purpose?.description), text: shown.text, textLanguage: shown.language, decidedAt, origin: servedNotice?.standing === 'served' ? (servedNotice.origin ?? null) : null };
}

/** The very text that was shown when somebody agreed; where nothing says which, that of the version in the language of the page. */
function textShown({ configuration }: AdminContext, workspaceId: string, { agreementId, agreementVersion, textHash }: ConfirmationAsk, language: PageLanguage): { language: string; text: string; hash: string | null } {
  const { texts = {}, textHashes = {} } = configuration.workspace(workspaceId).agreements.get(agreementId ?? '')?.find(({ version }) => version === agreementVersion) ?? {};
  const shown = textHash === null ? bestLanguage(texts, language) : Object.keys(textHashes).find((one) => textHashes[one] === textHash);
  return { language: shown ?? language, text: texts[shown ?? ''] ?? '', hash: textHashes[shown ?? ''] ?? null };
}
