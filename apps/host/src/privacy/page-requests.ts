import type { PrivacyClaims } from '@firsthand/access';
import { dataSubjectOf, FirsthandError, OPEN_STATUSES, type RequestKind } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { openRequest, type PrivacyRequestRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin/admin-context.js';
import { findPerson, findProfileId, type FoundPerson } from '../admin/profiles/find-person.js';

const PERSON = { kind: 'person', id: null } as const;
const MOST_SHOWN = 100;

/** The requests of the person whom a link or code names, the first due first. */
export async function requestsOf(admin: AdminContext, { workspaceId, identity }: PrivacyClaims, person: FoundPerson | undefined): Promise<PrivacyRequestRow[]> {
  return admin.requests.findPrivacyRequests({ workspaceId, person: { profileIds: person?.profileIds ?? [], identities: person?.profile.identities ?? [identity] }, limit: MOST_SHOWN });
}

/** Opens a request of a person who has shown who they are. One of the same kind that is still open is not opened again. */
export async function openOwnRequest(admin: AdminContext, claims: PrivacyClaims, kind: RequestKind, text: string): Promise<void> {
  const { workspaceId, identity, by } = claims;
  const person = await findOwn(admin, claims);
  const isOpen = (await requestsOf(admin, claims, person)).some((row) => row.kind === kind && OPEN_STATUSES.includes(row.status));
  if (isOpen) return;
  const now = admin.clock();
  await admin.requests.insertPrivacyRequest(openRequest({
    requestId: storeKey(workspaceId, admin.newId()), workspaceId, kind, identities: [identity], profileId: person?.profile.profileId ?? null, country: person === undefined ? null : dataSubjectOf(person.profile).country, source: 'page',
    verification: by, actor: PERSON, requestedAt: now, details: text.trim() === '' ? null : { text: text.trim() },
  }, admin.configuration.workspace(workspaceId).requestSettings, now));
}

/** Takes a request of the person back. @throws FirsthandError `NOT_FOUND` for one of somebody else, `REQUEST_TRANSITION` once the work has begun, `CONFLICT` */
export async function cancelOwnRequest(admin: AdminContext, claims: PrivacyClaims, id: string): Promise<void> {
  const row = (await requestsOf(admin, claims, await findOwn(admin, claims))).find(({ requestId }) => requestId === storeKey(claims.workspaceId, id));
  if (row === undefined) throw new FirsthandError('NOT_FOUND');
  const moved = await admin.requests.advancePrivacyRequest(row.requestId, row.status, { to: 'cancelled', at: admin.clock(), actor: PERSON });
  if (moved === undefined) throw new FirsthandError('CONFLICT', 'Somebody has just begun to work on it.');
}

async function findOwn(admin: AdminContext, { workspaceId, identity }: PrivacyClaims): Promise<FoundPerson | undefined> {
  const profileId = await findProfileId(admin, workspaceId, identity);
  return profileId === undefined ? undefined : findPerson(admin, workspaceId, profileId);
}
