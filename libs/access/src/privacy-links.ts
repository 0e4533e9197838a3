import { hkdfSync } from 'node:crypto';
import { FirsthandError, type Identity } from '@firsthand/domain';
import { EncryptJWT, jwtDecrypt } from 'jose';

const ISSUER = 'firsthand';
const AUDIENCE = 'firsthand-privacy';
const ALGORITHM = 'dir';
const ENCRYPTION = 'A256GCM';

/** Whose preferences a link opens. */
export interface PrivacyClaims {
  workspaceId: string;
  identity: Identity;
}

export interface PrivacyLinks {
  /** Makes the token of a link. `expiresAt` in epoch ms. */
  mint(claims: PrivacyClaims): Promise<{ token: string; expiresAt: number }>;
  /** Throws FirsthandError UNAUTHENTICATED for a token that is not ours, for another workspace, or over. */
  open(token: string, workspaceId: string): Promise<PrivacyClaims>;
}

/**
 * Tokens of the links to a person's privacy page: JWTs that are encrypted as well as authenticated (RFC 7516, AES-256-GCM), since a link ends in
 * browser histories and proxy logs and must not tell there who it is for. The key is derived from the token secret for this use alone (RFC 5869).
 *
 * @param options.lifetimeMs 7 days when left out
 * @example const { token } = await createPrivacyLinks({ secret, clock: Date.now }).mint({ workspaceId, identity });
 */
export function createPrivacyLinks({ secret, clock, lifetimeMs = 7 * 86_400_000 }: { secret: string; clock: () => number; lifetimeMs?: number }): PrivacyLinks {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'firsthand privacy links', 32));
  return {
    async mint({ workspaceId, identity }) {
      const now = clock();
      const expiresAt = now + lifetimeMs;
      const token = await new EncryptJWT({ wsp: workspaceId, ns: identity.namespace, val: identity.value })
        .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION })
        .setIssuer(ISSUER).setAudience(AUDIENCE)
        .setIssuedAt(Math.floor(now / 1_000)).setExpirationTime(Math.floor(expiresAt / 1_000))
        .encrypt(key);
      return { token, expiresAt };
    },
    async open(token, workspaceId) {
      const result = await jwtDecrypt(token, key, {
        keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: [ENCRYPTION], issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp'], currentDate: new Date(clock()),
      }).catch(() => undefined);
      const { wsp, ns, val } = result?.payload ?? {};
      if (wsp !== workspaceId || typeof ns !== 'string' || typeof val !== 'string') throw new FirsthandError('UNAUTHENTICATED', 'The link is not valid any more.');
      return { workspaceId, identity: { namespace: ns, value: val } };
    },
  };
}
