import { hkdfSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { readUserToken, userTokenRefusal } from './read-user-token.js';

const ALGORITHM = 'HS256';
const DEFAULT_NAMESPACE = 'userId';
/** A sign-in of today; one that was left in a log says nothing tomorrow. */
const MAX_AGE_SECONDS = 86_400;
/** Clocks of two servers differ. */
const TOLERANCE_SECONDS = 30;

/** Which of a connection's keys signs. */
export interface UserTokenKey {
  workspaceId: string;
  connectionId: string;
  keyId: string;
}

export interface UserTokens {
  /** The secret that goes with a key, base64url. It is derived and stored nowhere: who has the id and the token secret of the host gets the same again. */
  secretOf(key: UserTokenKey): string;
  /**
   * What a token says it is for, a connection among it, and the key that it says signed it; nothing of it is proven yet.
   *
   * @throws FirsthandError `UNAUTHENTICATED` for what is no token, or has a claim of another type than it has to be
   */
  namedIn(token: string): { connectionIds: readonly string[]; keyId: string };
  /**
   * Whom the brand's own server says its caller is.
   *
   * @param keyIds those of the connection that were not revoked
   * @throws FirsthandError `UNAUTHENTICATED` for a token of another key, connection or algorithm, one that is over, does not say when it began and ends, or has a claim of another type than it has to be
   */
  open(token: string, connection: Omit<UserTokenKey, 'keyId'>, keyIds: readonly string[]): Promise<{ namespace: string; value: string }>;
}

/**
 * Tokens by which a page, app or mini-program shows who is signed in: a JWT (RFC 7519) that the brand's own server signs with HS256 and a key of the connection.
 * `aud` is the connection, or a list with it, `sub` the person's id in the namespace `ns` (`userId` unless it says another), `iat` and `exp` at most a day apart, and `kid` in the header the key.
 *
 * @param options.secret the host's token secret: keys are derived from it (RFC 5869), so that none of them is stored
 * @example
 * const tokens = createUserTokens({ secret, clock: Date.now });
 * await tokens.open(token, { workspaceId: 'main', connectionId: 'online-shop' }, ['k1']) // { namespace: 'userId', value: 'u-7' }
 */
export function createUserTokens({ secret, clock }: { secret: string; clock: () => number }): UserTokens {
  const keyOf = ({ workspaceId, connectionId, keyId }: UserTokenKey): Uint8Array => new Uint8Array(hkdfSync('sha256', secret, '', `firsthand user tokens ${JSON.stringify([workspaceId, connectionId, keyId])}`, 32));
  const secretOf = (key: UserTokenKey): string => Buffer.from(keyOf(key)).toString('base64url');
  return {
    secretOf,
    namedIn: readUserToken,
    async open(token, connection, keyIds) {
      const { keyId, sub, ns = DEFAULT_NAMESPACE, iat, exp } = readUserToken(token);
      if (!keyIds.includes(keyId)) throw userTokenRefusal('It is signed by none of the keys of this connection.');
      // Signed with the text of the secret, as every JWT library takes it.
      await jwtVerify(token, new TextEncoder().encode(secretOf({ ...connection, keyId })), {
        algorithms: [ALGORITHM], audience: connection.connectionId, requiredClaims: ['iat', 'exp', 'sub'], maxTokenAge: MAX_AGE_SECONDS, clockTolerance: TOLERANCE_SECONDS, currentDate: new Date(clock()),
      }).catch(() => {
        throw userTokenRefusal('It is not signed by its key, is over, or begins later.');
      });
      if (exp - iat > MAX_AGE_SECONDS) throw userTokenRefusal('It is to end within a day of when it was made.');
      return { namespace: ns, value: sub };
    },
  };
}
