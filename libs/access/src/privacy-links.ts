import { hkdfSync } from 'node:crypto';
import { FirsthandError, type Identity } from '@firsthand/domain';
import { EncryptJWT, jwtDecrypt } from 'jose';

const ISSUER = 'firsthand';
const AUDIENCE = 'firsthand-privacy';
const ALGORITHM = 'dir';
const ENCRYPTION = 'A256GCM';
/** Who types in a code is there now, maybe at a device that others use. */
const AFTER_CODE_MS = 30 * 60_000;

/** Whose preferences a link opens. */
export interface PrivacyClaims {
  workspaceId: string;
  identity: Identity;
  /** By what the person showed who they are: a link that was sent to them, or a code. */
  by: 'link' | 'code';
}

export interface PrivacyLinks {
  /** Makes the token of a link, or of what follows a code, which is short. `expiresAt` in epoch ms. */
  mint(claims: PrivacyClaims): Promise<{ token: string; expiresAt: number }>;
  /** Throws FirsthandError UNAUTHENTICATED for a token that is not ours, for another workspace, or over. */
  open(token: string, workspaceId: string): Promise<PrivacyClaims>;
}

/**
 * Tokens of the links to a person's privacy page: JWTs that are encrypted as well as authenticated (RFC 7516, AES-256-GCM), since a link ends in
 * browser histories and proxy logs and must not tell there who it is for. The key is derived from the token secret for this use alone (RFC 5869).
 *
 * @param options.lifetimeMs 7 days when left out
 * @example const { token } = await createPrivacyLinks({ secret, clock: Date.now }).mint({ workspaceId, identity, by: 'link' });
 */
export function createPrivacyLinks({ secret, clock, lifetimeMs = 7 * 86_400_000 }: { secret: string; clock: () => number; lifetimeMs?: number }): PrivacyLinks {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'firsthand privacy links', 32));
  return {
    async mint({ workspaceId, identity, by }) {
      const now = clock();
      const expiresAt = now + (by === 'code' ? AFTER_CODE_MS : lifetimeMs);
      const token = await new EncryptJWT({ wsp: workspaceId, ns: identity.namespace, val: identity.value, by })
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
      const { wsp, ns, val, by } = result?.payload ?? {};
      if (wsp !== workspaceId || typeof ns !== 'string' || typeof val !== 'string') throw new FirsthandError('UNAUTHENTICATED', 'The link is not valid any more.');
      // Links of before there were codes do not say.
      return { workspaceId, identity: { namespace: ns, value: val }, by: by === 'code' ? 'code' : 'link' };
    },
  };
}
