import type { PrivacyClaims } from '@firsthand/access';
import { dataSubjectOf, FirsthandError, OPEN_STATUSES, type RequestKind } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { carryOutAct, namingIdentities, openRequest, setRestriction, type PrivacyRequestRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin/admin-context.js';
import { askedCorrection } from './asked-correction.js';
import { findPersonOf, type FoundPerson } from '../admin/profiles/find-person.js';
import type { PageLanguage } from './privacy-texts.js';

const PERSON = { kind: 'person', id: null } as const;
const MOST_SHOWN = 100;
/** Requests that a copy answers. */
const COPIES: ReadonlySet<RequestKind> = new Set(['access', 'portability']);

/** The requests of the person whom a link or code names, the first due first. */
export async function requestsOf(admin: AdminContext, { workspaceId, identity }: PrivacyClaims, person: FoundPerson | undefined): Promise<PrivacyRequestRow[]> {
  return admin.requests.findPrivacyRequests({ workspaceId, person: { profileIds: person?.profileIds ?? [], identities: person === undefined ? [identity] : namingIdentities(person.profile) }, limit: MOST_SHOWN });
}

/** What the form of a request says. */
export interface OwnRequest {
  kind: RequestKind;
  text: string;
  /** Of an objection: the purposes that were chosen. */
  purposes: readonly string[];
  /** Of the page: a copy of their data is made in it. */
  language: PageLanguage;
  /** All inputs: of a rectification it says what is right. */
  form: Readonly<Record<string, unknown>>;
}

/**
 * Opens a request of a person who has shown who they are. One of the same kind that is still open is not opened again. What nobody has to weigh takes effect at once and is complete with it: a
 * restriction, and an objection to chosen purposes, which the switches of the page could record as well.
 *
 * @returns what the page says of it
 * @throws FirsthandError `PERSON_ERASED`, `CONFLICT` when somebody works on it at this moment
 */
export async function openOwnRequest(admin: AdminContext, claims: PrivacyClaims, { kind, text, purposes: chosen, language, form }: OwnRequest): Promise<'requested' | 'done' | 'unread'> {
  const { workspaceId, identity, by } = claims;
  const configuration = admin.configuration.workspace(workspaceId);
  const { details: asked, unread } = kind === 'rectification' ? askedCorrection(form, configuration.dictionary) : { details: {}, unread: [] };
  if (unread.length > 0) return 'unread';
  const person = await findPersonOf(admin, claims.workspaceId, claims.identity);
  const purposes = kind === 'objection' ? chosen.filter((key) => configuration.purposes.has(key)) : [];
  let row = (await requestsOf(admin, claims, person)).find((one) => one.kind === kind && OPEN_STATUSES.includes(one.status));
  if (row === undefined) {
    const now = admin.clock();
    const details = { ...asked, ...(text.trim() === '' ? {} : { text: text.trim() }), ...(purposes.length === 0 ? {} : { purposes }), ...(COPIES.has(kind) ? { language } : {}) };
    row = openRequest({
      requestId: storeKey(workspaceId, admin.newId()), workspaceId, kind, identities: [identity], profileId: person?.profile.profileId ?? null, country: person === undefined ? null : dataSubjectOf(person.profile).country, source: 'page',
      verification: by, actor: PERSON, requestedAt: now, details: Object.keys(details).length === 0 ? null : details,
    }, configuration.requestSettings, now);
    await admin.requests.insertPrivacyRequest(row);
  }
  if (kind !== 'restriction' && purposes.length === 0) return 'requested';
  const begun = await begin(admin, row, by);
  const own = { identities: [identity], verifiedKeys: [], fields: person?.profile.fields ?? {} };
  await carryOutAct(begun, { profile: own, purposes: purposes.length === 0 ? undefined : purposes, method: 'toggle', by: { kind: 'person' }, actor: PERSON }, admin);
  return 'done';
}

/** Moves a request on to where it is carried out, whoever opened it: the person has shown who they are. */
async function begin(admin: AdminContext, row: PrivacyRequestRow, verification: PrivacyClaims['by']): Promise<PrivacyRequestRow> {
  let begun = row;
  while (begun.status !== 'in-progress') {
    const isUnknown = begun.status === 'identity-check';
    const moved = await admin.requests.advancePrivacyRequest(begun.requestId, begun.status, { to: isUnknown ? 'received' : 'in-progress', at: admin.clock(), actor: PERSON, ...(isUnknown ? { reason: verification, verification } : {}) });
    if (moved === undefined) throw new FirsthandError('CONFLICT', 'Somebody has just begun to work on it.');
    begun = moved;
  }
  return begun;
}

/** Lifts the restriction of the person whom a link or code names. @throws FirsthandError `PERSON_ERASED` */
export async function liftOwnRestriction(admin: AdminContext, { workspaceId, identity }: PrivacyClaims): Promise<void> {
  await setRestriction({ workspaceId, identity, method: 'toggle', actor: { kind: 'person' } }, false, admin);
}

/** Takes a request of the person back. @throws FirsthandError `NOT_FOUND` for one of somebody else, `REQUEST_TRANSITION` once the work has begun, `CONFLICT` */
export async function cancelOwnRequest(admin: AdminContext, claims: PrivacyClaims, id: string): Promise<void> {
  const row = (await requestsOf(admin, claims, await findPersonOf(admin, claims.workspaceId, claims.identity))).find(({ requestId }) => requestId === storeKey(claims.workspaceId, id));
  if (row === undefined) throw new FirsthandError('NOT_FOUND');
  const moved = await admin.requests.advancePrivacyRequest(row.requestId, row.status, { to: 'cancelled', at: admin.clock(), actor: PERSON });
  if (moved === undefined) throw new FirsthandError('CONFLICT', 'Somebody has just begun to work on it.');
}
