import { FirsthandError } from '@firsthand/domain';
import { jwtVerify, SignJWT } from 'jose';

const ISSUER = 'firsthand';
const AUDIENCE = 'firsthand-admin';
const ALGORITHM = 'HS256';

/** How long a session lasts. */
export const SESSION_LIFETIME_MS = 30 * 60_000;

/** Who a session token names. What they may do is read from the account at each request, never from the token. */
export interface SessionClaims {
  workspaceId: string;
  userId: string;
  /** The session that was begun: it can be ended by itself. */
  sessionId: string;
  /** The account's token version when it was signed: raising it ends every session. */
  tokenVersion: number;
}

export interface SessionTokens {
  /** Signs a token. `expiresAt` in epoch ms. */
  sign(claims: SessionClaims): Promise<{ token: string; expiresAt: number }>;
  /** Throws FirsthandError UNAUTHENTICATED for a token that is not ours, is for another audience, or is over. */
  verify(token: string): Promise<SessionClaims>;
}

/**
 * Session tokens of the admin plane: JWTs signed with HMAC-SHA256 and no other algorithm (RFC 8725, section 3.1), with issuer and audience.
 *
 * @param options.secret at least 32 characters; options.clock gives epoch ms; options.lifetimeMs 30 minutes when left out
 * @example const { token } = await createSessionTokens({ secret, clock: Date.now }).sign({ workspaceId, userId, sessionId, tokenVersion: 1 });
 */
export function createSessionTokens({ secret, clock, lifetimeMs = SESSION_LIFETIME_MS }: { secret: string; clock: () => number; lifetimeMs?: number }): SessionTokens {
  const key = new TextEncoder().encode(secret);
  return {
    async sign({ workspaceId, userId, sessionId, tokenVersion }) {
      const now = clock();
      const expiresAt = now + lifetimeMs;
      const token = await new SignJWT({ wsp: workspaceId, ver: tokenVersion })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuer(ISSUER).setAudience(AUDIENCE).setSubject(userId).setJti(sessionId)
        .setIssuedAt(Math.floor(now / 1_000)).setExpirationTime(Math.floor(expiresAt / 1_000))
        .sign(key);
      return { token, expiresAt };
    },
    async verify(token) {
      const result = await jwtVerify(token, key, {
        algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp', 'sub', 'jti'], currentDate: new Date(clock()),
      }).catch(() => undefined);
      const { sub, jti, wsp, ver } = result?.payload ?? {};
      if (typeof sub !== 'string' || typeof jti !== 'string' || typeof wsp !== 'string' || typeof ver !== 'number') throw new FirsthandError('UNAUTHENTICATED');
      return { workspaceId: wsp, userId: sub, sessionId: jti, tokenVersion: ver };
    },
  };
}
