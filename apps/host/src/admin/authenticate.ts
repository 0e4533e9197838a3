import { hashApiKey, type Principal } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from './admin-context.js';
import type { ApiKeyDocument, UserDocument } from '../configuration/documents.js';

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

async function ofSession({ sessions, repository }: AdminContext, token: string): Promise<Principal> {
  const { workspaceId, userId, tokenVersion } = await sessions.verify(token);
  const { content } = await repository.get<UserDocument>('users', workspaceId, userId).catch((error: unknown) => {
    throw error instanceof FirsthandError && error.code === 'NOT_FOUND' ? new FirsthandError('UNAUTHENTICATED') : error;
  });
  if (content.isDisabled || content.tokenVersion !== tokenVersion) throw new FirsthandError('UNAUTHENTICATED');
  return { workspaceId, kind: 'user', id: userId, roles: content.roles };
}

async function ofApiKey({ repository, configuration, clock }: AdminContext, hash: string): Promise<Principal> {
  for (const workspaceId of configuration.workspaceIds()) {
    const [key] = await repository.list<ApiKeyDocument>('apiKeys', workspaceId, { where: { hash }, limit: 1 });
    if (key !== undefined && (key.content.expiresAt === null || key.content.expiresAt > clock())) return { workspaceId, kind: 'apiKey', id: key.id, roles: key.content.roles };
  }
  throw new FirsthandError('UNAUTHENTICATED');
}
