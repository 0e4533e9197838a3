import type { UserTokens } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';

type Workspace = ReturnType<ConfigurationSnapshot['workspace']>;

/** Who is to take a user token. */
export interface TokenConnection {
  workspaceId: string;
  configuration: Workspace;
  connection: NonNullable<ReturnType<Workspace['sources']['get']>>;
  /** Whether the token names more connections of that workspace which take tokens: what it may read hangs on the connection, so that it has to name one. */
  isOneOfSeveral: boolean;
}

/**
 * The connection that a user token is for. `aud` may be a list (RFC 7519 §4.1.3) with other audiences in it, in any order: of its connections that have keys it is the one that has
 * the token's key, in whichever workspace; without such a one the first, to refuse it there. Nothing is proven by it.
 *
 * @throws FirsthandError `UNAUTHENTICATED` where no connection takes tokens
 * @example connectionOfToken(snapshot, userTokens.namedIn(token)).connection.connectionId // 'online-shop'
 */
export function connectionOfToken(snapshot: Pick<ConfigurationSnapshot, 'workspace' | 'workspacesWith'>, { connectionIds, keyId }: ReturnType<UserTokens['namedIn']>): TokenConnection {
  const taking = connectionIds.flatMap((connectionId) => snapshot.workspacesWith(connectionId).flatMap((workspaceId) => {
    const configuration = snapshot.workspace(workspaceId);
    const connection = configuration.sources.get(connectionId);
    return connection === undefined || (connection.userTokenKeys ?? []).length === 0 ? [] : [{ workspaceId, configuration, connection }];
  }));
  const named = taking.find(({ connection }) => connection.userTokenKeys?.includes(keyId)) ?? taking[0];
  if (named === undefined) throw new FirsthandError('UNAUTHENTICATED', 'The user token names no connection that takes any.');
  return { ...named, isOneOfSeveral: taking.filter(({ workspaceId }) => workspaceId === named.workspaceId).length > 1 };
}
