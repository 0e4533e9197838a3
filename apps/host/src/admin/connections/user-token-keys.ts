import { createUserTokens } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { ConnectionDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';
import type { NewUserTokenKeyBody } from './connection-bodies.js';
import { viewConnection, type ConnectionView, type ShownUserTokenKey } from './connection-view.js';
import { sourceOf } from './connections.js';

const MOST_KEYS = 20;

/** Makes a key that signs user tokens of a source. Its secret is in this answer and nowhere else. @throws FirsthandError `NOT_FOUND`, `CONFLICT` */
export async function addUserTokenKey(admin: AdminContext, { workspaceId }: Caller, connectionId: string, { name = 'server' }: NewUserTokenKeyBody): Promise<ShownUserTokenKey> {
  const added = { id: admin.newId(), name, createdAt: admin.clock() };
  const { version } = await changeConfigured<ConnectionDocument>(admin, 'connections', workspaceId, connectionId, undefined, (content) => {
    const source = sourceOf(content);
    const keys = source.userTokenKeys ?? [];
    if (keys.length >= MOST_KEYS) throw new FirsthandError('CONFLICT', `A connection has at most ${MOST_KEYS} keys of user tokens.`);
    return { ...source, userTokenKeys: [...keys, added] };
  });
  return { ...added, createdAt: new Date(added.createdAt).toISOString(), secret: createUserTokens({ secret: admin.tokenSecret, clock: admin.clock }).secretOf({ workspaceId, connectionId, keyId: added.id }), version };
}

/** Tokens that it has signed are taken no longer. @throws FirsthandError `NOT_FOUND` */
export async function removeUserTokenKey(admin: AdminContext, { workspaceId }: Caller, connectionId: string, keyId: string): Promise<ConnectionView> {
  const row = await changeConfigured<ConnectionDocument>(admin, 'connections', workspaceId, connectionId, undefined, (content) => {
    const source = sourceOf(content);
    const keys = source.userTokenKeys ?? [];
    const userTokenKeys = keys.filter(({ id }) => id !== keyId);
    if (userTokenKeys.length === keys.length) throw new FirsthandError('NOT_FOUND');
    return { ...source, userTokenKeys };
  });
  return viewConnection(admin, row);
}
