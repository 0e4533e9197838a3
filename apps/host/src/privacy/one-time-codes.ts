import { FirsthandError, identityKey, NAMESPACES, type Identity } from '@firsthand/domain';
import type { AdminContext } from '../admin/admin-context.js';
import { findPersonOf, findProfileId } from '../admin/profiles/find-person.js';
import type { WorkspaceDocument } from '../configuration/documents.js';
import type { PageLanguage } from './privacy-texts.js';

const LIFETIME_MS = 10 * 60_000;
/** Of one code. */
const MOST_TRIES = 5;
const WINDOW_MS = 60 * 60_000;
const MOST_PER_WINDOW = 5;

/** Where somebody says that they can be reached, and from where they ask. */
export interface CodeAsker {
  workspaceId: string;
  /** As it was typed in. */
  contact: string;
  language: PageLanguage;
  /** Of the network. */
  address: string;
}

/**
 * Makes a code for an address or number, and sends it where somebody has it, be it as a mere claim: who reads it may want it gone. Whoever asks learns nothing of that: until the answer nothing is looked up, and the answer is the same.
 *
 * @returns until when the code opens, epoch ms
 * @throws FirsthandError `UNAVAILABLE` where codes cannot be sent at all, `INVALID_REQUEST` for what is no address or number, `RATE_LIMITED`, `NOT_FOUND` for a workspace that there is not
 */
export async function requestCode(admin: AdminContext, { workspaceId, contact, language, address }: CodeAsker): Promise<number> {
  const { notifier, codes, codeStore, codeLimiter, clock, configuration } = admin;
  if (!notifier.isConfigured) throw new FirsthandError('UNAVAILABLE', 'No way to send codes is configured.');
  configuration.workspace(workspaceId);
  const identity = readContact(contact, language);
  const account = identityKey(identity);
  await codeLimiter.count(account, address);
  const [now, code] = [clock(), codes.newCode()];
  const place = { workspaceId, key: codes.keyOf(workspaceId, identity) };
  const expiresAt = now + LIFETIME_MS;
  const isIssued = await codeStore.issueOneTimeCode(place, { digest: codes.digestOf(workspaceId, identity, code), now, expiresAt, windowMs: WINDOW_MS, mostPerWindow: MOST_PER_WINDOW });
  if (!isIssued) throw new FirsthandError('RATE_LIMITED', 'Too many codes were asked for.', [], { retryAfterSeconds: WINDOW_MS / 1_000 });
  // Not waited for: how long it takes would tell whether somebody is known.
  void send(admin, { workspaceId, identity, language, code, expiresAt }).catch((error: unknown) => admin.logger.warn({ workspaceId, code: error instanceof FirsthandError ? error.code : 'INTERNAL' }, 'A one-time code was not sent.'));
  return expiresAt;
}

/**
 * Takes a code, once, for a token that opens the person's page for half an hour. Requests that waited for them to show who they are go on.
 *
 * @throws FirsthandError `UNAUTHENTICATED` for a code that is wrong, used, over, or tried too often, `INVALID_REQUEST`, `RATE_LIMITED`
 */
export async function confirmCode(admin: AdminContext, { workspaceId, contact, language, address }: CodeAsker, code: string): Promise<{ token: string; expiresAt: number }> {
  admin.configuration.workspace(workspaceId);
  const identity = readContact(contact, language);
  await takeOneTimeCode(admin, { workspaceId, identity, address }, code);
  await passIdentityCheck(admin, workspaceId, identity);
  return admin.privacyLinks.mint({ workspaceId, identity, by: 'code' });
}

/**
 * Takes the code of a contact, once, as it was typed in.
 *
 * @param asker `identity`: under which the code was issued
 * @throws FirsthandError `UNAUTHENTICATED` for a code that is wrong, used, over or tried too often, `RATE_LIMITED`
 */
export async function takeOneTimeCode({ codes, codeStore, tryLimiter, clock }: AdminContext, { workspaceId, identity, address }: { workspaceId: string; identity: Identity; address: string }, given: string): Promise<void> {
  const digest = codes.digestOf(workspaceId, identity, given.replaceAll(/[\s-]/g, ''));
  await tryLimiter.guard(identityKey(identity), address, async () => {
    const isTaken = await codeStore.takeOneTimeCode({ workspaceId, key: codes.keyOf(workspaceId, identity) }, { digest, now: clock(), mostTries: MOST_TRIES });
    if (!isTaken) throw new FirsthandError('UNAUTHENTICATED', 'The code is not valid.');
  });
}

/** An address or number as people type it. @throws FirsthandError `INVALID_REQUEST` */
export function readContact(contact: string, language: PageLanguage): Identity {
  const namespace = contact.includes('@') ? 'email' : 'phone';
  // Who reads Chinese may leave the country code out.
  const value = NAMESPACES.get(namespace)?.normalise(contact, language === 'zh-CN' ? { defaultCountry: 'CN' } : {}) ?? null;
  if (value === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/contact', message: 'is neither an email address nor a phone number' }]);
  return { namespace, value };
}

async function send(admin: AdminContext, { workspaceId, identity, language, code, expiresAt }: { workspaceId: string; identity: Identity; language: PageLanguage; code: string; expiresAt: number }): Promise<void> {
  const { requests, repository, notifier } = admin;
  const isKnown = (await findProfileId(admin, workspaceId, identity)) !== undefined
    || (await requests.findPrivacyRequests({ workspaceId, statuses: ['identity-check'], person: { profileIds: [], identities: [identity] }, limit: 1 })).length > 0;
  if (!isKnown) return;
  const { content: { name } } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  await notifier.notify({ kind: 'one-time-code', to: identity.value, language, workspaceName: name, code, expiresAt });
}

/** A request that names others beside is passed only where all of them are the same person's: anybody can put an address of theirs to somebody's id. */
async function passIdentityCheck(admin: AdminContext, workspaceId: string, identity: Identity): Promise<void> {
  const { requests, clock } = admin;
  const waiting = await requests.findPrivacyRequests({ workspaceId, statuses: ['identity-check'], person: { profileIds: [], identities: [identity] }, limit: 50 });
  const shown = identityKey(identity);
  const idOf = async (one: Identity): Promise<string | undefined> => (await findPersonOf(admin, workspaceId, one))?.profile.profileId;
  for (const { requestId, identities } of waiting) {
    const others = identities.filter((one) => identityKey(one) !== shown);
    const own = others.length === 0 ? undefined : await idOf(identity);
    if (others.length > 0 && (own === undefined || (await Promise.all(others.map(idOf))).some((id) => id !== own))) continue;
    await requests.advancePrivacyRequest(requestId, 'identity-check', { to: 'received', at: clock(), actor: { kind: 'person', id: null }, reason: 'code', verification: 'code' });
  }
}
