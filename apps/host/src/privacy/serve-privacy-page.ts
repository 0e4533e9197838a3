import type { PrivacyClaims } from '@firsthand/access';
import { dataSubjectOf, FirsthandError, UNKNOWN_SUBJECT } from '@firsthand/domain';
import type { Response } from 'express';
import type { AdminContext } from '../admin/admin-context.js';
import { issueReceipt } from '../admin/consents/consent-receipts.js';
import { readRecords } from '../admin/consents/consents.js';
import type { AgreementDocument, WorkspaceDocument } from '../configuration/documents.js';
import { findPersonOf } from '../admin/profiles/find-person.js';
import { readRemovals } from '../admin/removals/read-removals.js';
import { copiesFetchedBy, copiesOfPerson } from './own-copies.js';
import { requestsOf } from './page-requests.js';
import { readShown } from './privacy-preferences.js';
import { pageLanguage } from './privacy-texts.js';
import { noticeField, renderPrivacyPage, type PageMessage, type PrivacyPageInput, type PrivacyPerson } from './render-privacy-page.js';
import { savePreferences } from './save-preferences.js';
import { sendPage } from './send-page.js';

/** What the page says, by what it is asked with after a form. */
const SAID: ReadonlyMap<string, PageMessage> = new Map([['1', 'saved'], ['requested', 'requested'], ['done', 'done'], ['unread', 'unread'], ['cancelled', 'cancelled'], ['outdated', 'outdated']]);

export interface PrivacyQuery {
  token?: string | undefined;
  lang?: string | undefined;
  saved?: string | undefined;
}

export interface PrivacyForm {
  token: string;
  lang?: string | undefined;
  act: 'save' | 'withdraw';
  [field: string]: unknown;
}

/** Answers with the page. A link that is over shows the notice and says so. */
export async function showPrivacyPage(admin: AdminContext, { workspaceId, query, language }: { workspaceId: string; query: PrivacyQuery; language: string | undefined }, response: Response): Promise<void> {
  const claims = query.token === undefined ? undefined : await openLink(admin, query.token, workspaceId);
  const isOver = query.token !== undefined && claims === undefined;
  const person = claims === undefined || query.token === undefined ? undefined : await readPerson(admin, claims, query.token);
  const said = person === undefined ? undefined : SAID.get(query.saved ?? '');
  return answerWithPage(admin, { workspaceId, lang: query.lang, language, person, status: isOver ? 401 : 200, message: isOver ? 'linkOver' : said }, response);
}

/** A page that is to be answered with. */
export interface PageAnswer {
  workspaceId: string;
  lang: string | undefined;
  /** Accept-Language. */
  language: string | undefined;
  status: number;
  person?: PrivacyPerson | undefined;
  message?: PageMessage | undefined;
  contact?: string | undefined;
}

/** Answers with the page of a workspace, under its own policy. @throws FirsthandError `NOT_FOUND` for a workspace that there is not */
export async function answerWithPage(admin: AdminContext, { workspaceId, lang, language, status, person, message, contact }: PageAnswer, response: Response): Promise<void> {
  const configuration = admin.configuration.workspace(workspaceId);
  const { brand, agreementNames } = await readNames(admin, workspaceId);
  sendPage(response, status, (nonce) => renderPrivacyPage({ configuration, brand, agreementNames, language: pageLanguage(lang, language), nonce, person, message, contact, canSendCodes: admin.notifier.isConfigured, origin: new URL(admin.publicUrl).origin, now: admin.clock() }));
}

/** Saves the form and leads back to the page. @throws FirsthandError `UNAUTHENTICATED` when the link is over */
export async function savePrivacyForm(admin: AdminContext, { workspaceId, form, language }: { workspaceId: string; form: PrivacyForm; language: string | undefined }, response: Response): Promise<void> {
  const claims = await admin.privacyLinks.open(form.token, workspaceId);
  const shown = pageLanguage(form.lang, language);
  const isAll = form.act === 'withdraw';
  const { isOutdated } = await savePreferences(admin, claims, shown, {
    isOn: (id) => !isAll && form[id] === 'on', isShown: (id) => isAll || form[`has-${id}`] === '1',
    shownOf: (id) => (isAll ? { isOn: true, agreement: null } : readShown(form[`has-${id}`])),
    noticeOf: (agreement) => textOf(form[noticeField(agreement)]),
  });
  leadBack(response, { workspaceId, token: form.token, lang: form.lang, language, saved: isOutdated ? 'outdated' : '1' });
}

/** Leads back to the page, which then says what was done. */
export function leadBack(response: Response, { workspaceId, token, lang, language, saved }: { workspaceId: string; token: string; lang: string | undefined; language: string | undefined; saved: string }): void {
  response.setHeader('Cache-Control', 'no-store').setHeader('Referrer-Policy', 'no-referrer')
    .redirect(303, `/privacy/${encodeURIComponent(workspaceId)}?${new URLSearchParams({ token, lang: pageLanguage(lang, language), saved }).toString()}`);
}

/** Answers with a file: the receipt of a decision of the person whom the link names. @throws FirsthandError `UNAUTHENTICATED`, `NOT_FOUND`, `RECORD_NOT_INTACT` */
export async function serveReceipt(admin: AdminContext, { workspaceId, recordId, token }: { workspaceId: string; recordId: string; token: string }, response: Response): Promise<void> {
  const { identity } = await admin.privacyLinks.open(token, workspaceId);
  const person = await findPersonOf(admin, workspaceId, identity);
  const { jws } = await issueReceipt(admin, workspaceId, recordId, person?.profile.identities ?? [identity]);
  response.setHeader('Cache-Control', 'no-store').setHeader('Referrer-Policy', 'no-referrer').attachment('consent-receipt.jws').type('application/jose').send(jws);
}

/** The notice stands beside each purpose that it covers: any of them will do. */
function textOf(field: unknown): string | undefined {
  const value: unknown = Array.isArray(field) ? field[0] : field;
  return typeof value === 'string' && value !== '' && value.length <= 1_000 ? value : undefined;
}

async function openLink({ privacyLinks }: AdminContext, token: string, workspaceId: string): Promise<PrivacyClaims | undefined> {
  return privacyLinks.open(token, workspaceId).catch((error: unknown) => {
    if (error instanceof FirsthandError && error.code === 'UNAUTHENTICATED') return undefined;
    throw error;
  });
}

async function readPerson(admin: AdminContext, claims: PrivacyClaims, token: string): Promise<PrivacyPerson> {
  const { workspaceId, identity } = claims;
  const person = await findPersonOf(admin, workspaceId, identity);
  return {
    token, consents: person?.consents, subject: person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile),
    removals: person === undefined ? [] : await readRemovals(admin, workspaceId, person),
    records: await readRecords(admin, workspaceId, person?.profile.identities ?? [identity]), requests: await requestsOf(admin, claims, person),
    copies: await copiesOfPerson(admin, workspaceId, person), copiesFetchedBy: copiesFetchedBy(admin, claims, person),
  };
}

async function readNames({ repository }: AdminContext, workspaceId: string): Promise<Pick<PrivacyPageInput, 'brand' | 'agreementNames'>> {
  const [workspace, agreements] = await Promise.all([repository.list<WorkspaceDocument>('workspaces', workspaceId, { limit: 1 }), repository.list<AgreementDocument>('agreements', workspaceId)]);
  return { brand: workspace[0]?.content.name ?? workspaceId, agreementNames: new Map(agreements.map(({ id, content }) => [id, content.name])) };
}
