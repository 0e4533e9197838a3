import { FirsthandError, normaliseEmail } from '@firsthand/domain';
import type { AccountTokenDocument, UserDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { auditContent } from '../audit-log/audit-content.js';
import type { Caller } from '../http/caller.js';
import { assertAssignable, assertNoMore } from '../roles/permissions-of.js';
import { accountAddress } from './account-address.js';
import type { Done, HandedView, InvitationBody, ResetBody, TakeTokenBody } from './account-bodies.js';
import { handToken, takeToken, type Handed } from './account-tokens.js';

const view = ({ id, expiresAt, link }: Handed): HandedView => ({ id, expiresAt: new Date(expiresAt).toISOString(), link });

/** Invites somebody to an account; there is none until they choose a password. @throws FirsthandError `FORBIDDEN`, `CONFLICT` when the address has an account, `UNAVAILABLE` */
export async function invite(admin: AdminContext, caller: Caller, { email: given, name, roles, language }: InvitationBody): Promise<HandedView> {
  const { workspaceId, principal } = caller;
  await assertAssignable(admin, caller, roles);
  const email = normaliseEmail(given);
  if (email === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/email', message: 'is not an email address' }]);
  if ((await admin.repository.list<UserDocument>('users', workspaceId, { where: { email }, limit: 1 })).length > 0) throw new FirsthandError('CONFLICT', 'The address has an account.');
  return view(await handToken(admin, workspaceId, { kind: 'invitation', userId: null, email, name, roles, language, createdBy: principal.id }));
}

/** Opens the account that somebody was invited to. @throws FirsthandError `UNAUTHENTICATED`, `RATE_LIMITED`, `CONFLICT` */
export async function acceptInvitation(admin: AdminContext, given: TakeTokenBody, address: string): Promise<Done> {
  const userId = admin.newId();
  return takeToken(admin, 'invitation', given, address, async (scope, { workspaceId, content: { email, name, roles, language } }, passwordHash) => {
    await scope.create<UserDocument>('users', workspaceId, userId, { email, name, roles, passwordHash, tokenVersion: 1, isDisabled: false, language }, admin.clock());
    await note(admin, workspaceId, userId, 'account.opened');
    return { userId, workspaceId };
  });
}

/** Hands a link for a new password to somebody whose account it is, for an owner who was asked. @throws FirsthandError `NOT_FOUND`, `FORBIDDEN` for an account that may do more than the caller, `UNAVAILABLE` */
export async function handReset(admin: AdminContext, caller: Caller, id: string): Promise<HandedView> {
  const { workspaceId, principal } = caller;
  const { content: { email, name, roles, language = 'en' } } = await admin.repository.get<UserDocument>('users', workspaceId, id);
  await assertNoMore(admin, caller, roles);
  return view(await handToken(admin, workspaceId, { kind: 'password-reset', userId: id, email, name, roles: [], language, createdBy: principal.id }));
}

/** Sends a link for a new password where there is an account, later; the answer is the same where there is none. @throws FirsthandError `RATE_LIMITED` */
export async function requestReset(admin: AdminContext, { email: given, workspaceId, language }: ResetBody, address: string): Promise<void> {
  const email = accountAddress(given);
  // Each one counts, found or not: mails are not to be poured over anybody.
  await admin.tokenLimiter.count(email, address);
  if (!admin.notifier.isConfigured) return;
  void sendResets(admin, email, workspaceId, language).catch((error: unknown) => admin.logger.warn({ code: error instanceof FirsthandError ? error.code : 'INTERNAL' }, 'A link for a new password was not sent.'));
}

async function sendResets(admin: AdminContext, email: string, asked: string | undefined, language: string): Promise<void> {
  for (const workspaceId of admin.configuration.workspaceIds().filter((id) => asked === undefined || id === asked)) {
    const [user] = await admin.repository.list<UserDocument>('users', workspaceId, { where: { email }, limit: 1 });
    if (user === undefined || user.content.isDisabled) continue;
    await note(admin, workspaceId, user.id, 'password.reset-asked');
    await handToken(admin, workspaceId, { kind: 'password-reset', userId: user.id, email, name: user.content.name, roles: [], language, createdBy: user.id });
  }
}

/** Sets a new password; every session and every other link of the account ends. @throws FirsthandError `UNAUTHENTICATED`, `RATE_LIMITED` */
export async function resetPassword(admin: AdminContext, given: TakeTokenBody, address: string): Promise<Done> {
  const done = await takeToken(admin, 'password-reset', given, address, async (scope, { workspaceId, content: { userId } }, passwordHash) => {
    const { id, version, content } = await scope.get<UserDocument>('users', workspaceId, userId ?? '');
    if (content.isDisabled) throw new FirsthandError('UNAUTHENTICATED', 'The link is not valid any more.');
    await scope.update<UserDocument>('users', workspaceId, id, version, { ...content, passwordHash, tokenVersion: content.tokenVersion + 1 }, admin.clock());
    for (const other of await scope.list<AccountTokenDocument>('accountTokens', workspaceId, { where: { userId: id } })) await scope.delete('accountTokens', workspaceId, other.id, other.version);
    await note(admin, workspaceId, id, 'password.reset');
    return { userId: id, workspaceId };
  });
  await admin.configuration.refresh();
  return done;
}

function note({ audit, newId, clock }: AdminContext, workspaceId: string, userId: string, route: string): Promise<void> {
  return audit.append(workspaceId, auditContent({ callId: newId(), actorKind: 'user', actorId: userId, method: 'POST', route, resourceId: userId, outcome: 'started', at: clock() }));
}
