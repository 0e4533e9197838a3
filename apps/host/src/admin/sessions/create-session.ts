import { PASSWORD_LENGTH, SESSION_LIFETIME_MS, verifyPassword } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import { accountAddress } from '../account/account-address.js';
import type { AdminContext } from '../admin-context.js';
import { beginSession } from '../account/own-account.js';
import { findSecondFactor, takeCode } from '../account/second-factors.js';
import { auditContent } from '../audit-log/audit-content.js';
import type { UserDocument } from '../../configuration/documents.js';

export const loginSchema = z.strictObject({
  email: z.string().min(3).max(254),
  password: z.string().min(1).max(PASSWORD_LENGTH.max),
  code: z.string().min(6).max(40).optional().meta({ description: 'Of the second factor, where the account has one; or a recovery code.' }),
  workspaceId: z.string().min(1).max(100).optional().meta({ description: 'Needed only by who has an account in several workspaces.' }),
}).meta({ id: 'Login', examples: [{ email: 'owner@firsthand.localhost', password: 'correct horse battery' }] });
export type Login = z.infer<typeof loginSchema>;

export const sessionSchema = z.object({
  token: z.string(), tokenType: z.literal('Bearer'), expiresAt: z.iso.datetime(), userId: z.string(), workspaceId: z.string(),
}).meta({ id: 'Session' });
export type Session = z.infer<typeof sessionSchema>;

/**
 * Logs an account in.
 *
 * @throws FirsthandError `UNAUTHENTICATED` whatever is wrong, `SECOND_FACTOR_REQUIRED` when all else is right, `RATE_LIMITED` after too many failures
 */
export async function createSession(admin: AdminContext, login: Login, address: string): Promise<Session> {
  const account = accountAddress(login.email);
  return admin.limiter.guard(account, address, () => logIn(admin, account, login));
}

async function logIn(admin: AdminContext, account: string, { password, code, workspaceId }: Login): Promise<Session> {
  const users = await findUsers(admin, account, workspaceId);
  // With several accounts of one address and no workspace named, none is meant.
  const user = users.length === 1 ? users[0] : undefined;
  const isRight = await verifyPassword(user?.content.passwordHash, password);
  const isKnown = user !== undefined && isRight && !user.content.isDisabled;
  const factor = isKnown ? await findSecondFactor(admin, user.workspaceId, user.id) : undefined;
  const needsCode = factor?.content.isConfirmed === true;
  // Asked for one, a browser's form comes again: that is no guess.
  if (needsCode && code === undefined) throw new FirsthandError('SECOND_FACTOR_REQUIRED');
  const isLetIn = isKnown && (factor === undefined || !needsCode || await takeCode(admin, factor, code ?? ''));
  if (user !== undefined) await noteLogin(admin, user, isLetIn ? 'done' : 'UNAUTHENTICATED');
  if (!isLetIn) throw new FirsthandError('UNAUTHENTICATED', 'The address, the password or the code is wrong.');
  const { workspaceId: own, id: userId } = user;
  const sessionId = await beginSession(admin, own, { userId, tokenVersion: user.content.tokenVersion, hasSecondFactor: needsCode, expiresAt: admin.clock() + SESSION_LIFETIME_MS });
  const { token, expiresAt } = await admin.sessions.sign({ workspaceId: own, userId, sessionId, tokenVersion: user.content.tokenVersion });
  return { token, tokenType: 'Bearer', expiresAt: new Date(expiresAt).toISOString(), userId, workspaceId: own };
}

function noteLogin({ audit, newId, clock }: AdminContext, { id, workspaceId }: Configured<UserDocument>, outcome: string): Promise<void> {
  return audit.append(workspaceId, auditContent({ callId: newId(), actorKind: 'user', actorId: id, method: 'POST', route: '/admin/v1/sessions', resourceId: null, outcome, at: clock() }));
}

async function findUsers({ repository, configuration }: AdminContext, email: string, workspaceId: string | undefined): Promise<Configured<UserDocument>[]> {
  const workspaceIds = configuration.workspaceIds().filter((id) => workspaceId === undefined || id === workspaceId);
  const found = await Promise.all(workspaceIds.map((id) => repository.list<UserDocument>('users', id, { where: { email }, limit: 1 })));
  return found.flat();
}
