import { hashApiKey, narrowToScopes, needsSecondFactor, OWN_ACCOUNT, withoutSecondFactor, type Permission, type Principal } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from './admin-context.js';
import { getAccessSettings } from './access-settings/access-settings.js';
import { permissionsOf } from './roles/permissions-of.js';
import type { ApiKeyDocument, SessionDocument, UserDocument } from '../configuration/documents.js';

/**
 * Gives who a bearer token or API key belongs to, with the roles of this moment: an account that was disabled, or whose token version was
 * raised, is out at once.
 *
 * @throws FirsthandError `UNAUTHENTICATED`
 */
export async function authenticate(admin: AdminContext, authorization: string | undefined): Promise<Principal> {
  const credentials = /^Bearer ([^\s]{1,4096})$/i.exec(authorization ?? '')?.[1];
  if (credentials === undefined) throw new FirsthandError('UNAUTHENTICATED');
  const keyHash = hashApiKey(credentials);
  return keyHash === null ? ofSession(admin, credentials) : ofApiKey(admin, keyHash);
}

async function ofSession(admin: AdminContext, token: string): Promise<Principal> {
  const { sessions, repository } = admin;
  const { workspaceId, userId, sessionId, tokenVersion } = await sessions.verify(token);
  const [{ content }, session] = await Promise.all([
    repository.get<UserDocument>('users', workspaceId, userId), repository.get<SessionDocument>('sessions', workspaceId, sessionId),
  ]).catch((error: unknown) => {
    throw error instanceof FirsthandError && error.code === 'NOT_FOUND' ? new FirsthandError('UNAUTHENTICATED') : error;
  });
  if (session.content.userId !== userId || content.isDisabled || content.tokenVersion !== tokenVersion) throw new FirsthandError('UNAUTHENTICATED');
  const permissions = await permissionsOf(admin, workspaceId, content.roles);
  // Who has to have a second factor can do one thing without it: get one.
  const isHeldBack = !session.content.hasSecondFactor && await isGuarded(admin, workspaceId, content.roles, permissions);
  return { workspaceId, kind: 'user', id: userId, sessionId, roles: content.roles, permissions: [OWN_ACCOUNT, ...isHeldBack ? [] : permissions] };
}

/** Whether the workspace asks for a second factor for what these roles allow. */
async function isGuarded(admin: AdminContext, workspaceId: string, roles: readonly string[], permissions: readonly Permission[]): Promise<boolean> {
  return needsSecondFactor(roles, permissions) && (await getAccessSettings(admin, workspaceId)).secondFactor === 'required';
}

async function ofApiKey(admin: AdminContext, hash: string): Promise<Principal> {
  const { repository, configuration, clock } = admin;
  for (const workspaceId of configuration.workspaceIds()) {
    const [key] = await repository.list<ApiKeyDocument>('apiKeys', workspaceId, { where: { hash }, limit: 1 });
    if (key === undefined || (key.content.expiresAt !== null && key.content.expiresAt <= clock())) continue;
    const { roles, scopes } = key.content;
    const held = await permissionsOf(admin, workspaceId, roles);
    // Keys of earlier days have no scopes.
    const permissions = Array.isArray(scopes) ? narrowToScopes(held, scopes) : held;
    // A key can have no second factor: it does nothing that one protects, or it would be the way around it.
    return { workspaceId, kind: 'apiKey', id: key.id, roles, permissions: await isGuarded(admin, workspaceId, roles, permissions) ? withoutSecondFactor(permissions) : permissions };
  }
  throw new FirsthandError('UNAUTHENTICATED');
}
