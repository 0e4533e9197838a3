import { createHmac, hkdfSync } from 'node:crypto';
import { FirsthandError, readSubjectIdentities, stableId, type ErrorPlace, type Identity } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { openMachineRequest, type PrivacyRequestRow } from '@firsthand/pipeline';
import { assertPublicUrl } from '@firsthand/plugin-host';
import type { AdminContext } from '../admin/admin-context.js';
import { findPersonOf } from '../admin/profiles/find-person.js';
import type { Caller } from '../admin/http/caller.js';
import { OPENDSR_VERSION, ownExtensionSchema, type OpenDsrReceipt, type SubjectRequestBody } from './opendsr-schemas.js';

/**
 * Takes a request that a machine hands in. The same again is answered as it was, whatever has become of it; another under the same id is refused.
 *
 * @param raw the body as it came
 * @throws FirsthandError `IDENTITY_UNSUPPORTED`, `IDENTITIES_DIFFER`, `SUBJECT_REQUEST_EXISTS`, `INVALID_REQUEST`
 */
export async function submitSubjectRequest(admin: AdminContext, caller: Caller, body: SubjectRequestBody, raw: Buffer): Promise<OpenDsrReceipt> {
  const { requests, clock } = admin;
  const requestId = requestIdOf(caller, body.subject_request_id);
  const bodyDigest = digestOf(admin, caller, body);
  const known = await requests.findPrivacyRequest(requestId);
  if (known !== undefined) return repeated(known, bodyDigest, raw);
  const row = await open(admin, caller, { requestId, bodyDigest }, body, clock());
  if (await requests.insertPrivacyRequest(row)) return receiptOf(row, raw);
  // The same came twice at once.
  const other = await requests.findPrivacyRequest(requestId);
  if (other === undefined) throw new FirsthandError('CONFLICT');
  return repeated(other, bodyDigest, raw);
}

/** The id of a machine's request: of each machine its own, so that none meets another's. */
export function requestIdOf({ workspaceId, principal: { id } }: Caller, subjectRequestId: string): string {
  return storeKey(workspaceId, stableId(workspaceId, 'opendsr', id, subjectRequestId));
}

async function open(admin: AdminContext, { workspaceId, principal: { kind, id } }: Caller, { requestId, bodyDigest }: { requestId: string; bodyDigest: string }, body: SubjectRequestBody, now: number): Promise<PrivacyRequestRow> {
  const settings = admin.configuration.workspace(workspaceId).requestSettings;
  const identities = readSubjectIdentities({ standard: body.subject_identities, own: ownIdentities(body, new URL(admin.publicUrl).hostname) }, settings.openDsr.customerIdNamespace);
  if (identities.length === 0) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/subject_identities', message: 'must name a person' }]);
  await assertCallbackUrls(admin, body.status_callback_urls);
  const profileId = await findOnePerson(admin, workspaceId, identities);
  return openMachineRequest({
    requestId, workspaceId, kind: body.subject_request_type, identities, profileId, regime: body.regulation, requestedAt: Math.min(now, Date.parse(body.submitted_time)), actor: { kind, id },
    machine: { controllerId: id, subjectRequestId: body.subject_request_id, bodyDigest }, callbackUrls: body.status_callback_urls,
  }, settings, now);
}

function repeated(row: PrivacyRequestRow, bodyDigest: string, raw: Buffer): OpenDsrReceipt {
  if (row.machine?.bodyDigest !== bodyDigest) throw new FirsthandError('SUBJECT_REQUEST_EXISTS');
  return receiptOf(row, raw);
}

function receiptOf({ machine, dueAt, receivedAt }: PrivacyRequestRow, raw: Buffer): OpenDsrReceipt {
  return {
    controller_id: machine?.controllerId ?? '', expected_completion_time: new Date(dueAt).toISOString(), received_time: new Date(receivedAt).toISOString(), encoded_request: raw.toString('base64'),
    subject_request_id: machine?.subjectRequestId ?? '', api_version: OPENDSR_VERSION,
  };
}

/** What a repeat is known by. It covers people's addresses, which could be guessed from a plain hash: hence a key, derived from the secret key for this use alone (RFC 5869). */
function digestOf({ secretKey }: AdminContext, { workspaceId }: Caller, body: SubjectRequestBody): string {
  const key = Buffer.from(hkdfSync('sha256', secretKey.bytes, '', 'firsthand opendsr requests', 32));
  return createHmac('sha256', key).update(JSON.stringify([workspaceId, body])).digest('base64url');
}

/** The identities of our own extension. Those of other domains are for others. */
function ownIdentities({ extensions }: SubjectRequestBody, domain: string): { identity_type: string; identity_value: string; identity_format: string }[] {
  const own = ownExtensionSchema.safeParse(extensions[domain] ?? {});
  if (own.success) return own.data.identities;
  throw new FirsthandError('INVALID_REQUEST', undefined, own.error.issues.map(({ path, message }) => ({ path: `/extensions/${domain}${path.map((step) => `/${String(step)}`).join('')}`, message })));
}

/** Who the identities name; null for nobody here, also where they are only claimed for somebody. People of whom one asked may not be taken for one: a copy would be another's, or half. */
async function findOnePerson(admin: AdminContext, workspaceId: string, identities: readonly Identity[]): Promise<string | null> {
  const people = await Promise.all(identities.map((identity) => findPersonOf(admin, workspaceId, identity)));
  const [profileId = null, ...others] = new Set(people.flatMap((person) => person?.profile.profileId ?? []));
  if (others.length > 0) throw new FirsthandError('IDENTITIES_DIFFER');
  return profileId;
}

/** Callbacks go out over TLS, to the public internet, and hold no password (OpenDSR's security guidelines), unless the operator allows private addresses. */
async function assertCallbackUrls({ allowPrivateDestinations: allowPrivate }: AdminContext, urls: readonly string[]): Promise<void> {
  const faults = await Promise.all(urls.map(async (url, index): Promise<ErrorPlace[]> => {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    const isFit = parsed !== undefined && (parsed.protocol === 'https:' || allowPrivate) && parsed.username === '' && parsed.password === ''
      && await assertPublicUrl(url, { allowPrivate }).then(() => true, () => false);
    return isFit ? [] : [{ path: `/status_callback_urls/${index}`, message: 'must be a public https address without a password' }];
  }));
  if (faults.flat().length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, faults.flat());
}
