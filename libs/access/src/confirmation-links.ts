import { hkdfSync } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import { EncryptJWT, jwtDecrypt } from 'jose';

const ISSUER = 'firsthand';
const AUDIENCE = 'firsthand-confirmation';
const ALGORITHM = 'dir';
const ENCRYPTION = 'A256GCM';

/** What the link to confirm a consent names. */
export interface ConfirmationClaims {
  workspaceId: string;
  /** `namespace|value` of the contact. */
  identityKey: string;
  /** Of the row: used up when it is confirmed. */
  nonce: string;
}

export interface ConfirmationLinks {
  /** The token of a link that opens until then, epoch ms. */
  mint(claims: ConfirmationClaims, expiresAt: number): Promise<string>;
  /** Throws FirsthandError UNAUTHENTICATED for a token that is not ours, for another workspace, or over. */
  open(token: string, workspaceId: string): Promise<ConfirmationClaims>;
}

/**
 * Tokens of the links by which people confirm a consent: JWTs that are encrypted as well as authenticated (RFC 7516, AES-256-GCM), since a link ends in browser histories and
 * proxy logs and must not tell there whom it is for. The key is derived from the token secret for this use alone (RFC 5869).
 *
 * @example const token = await createConfirmationLinks({ secret, clock: Date.now }).mint({ workspaceId, identityKey: 'email|ana@example.com', nonce }, expiresAt);
 */
export function createConfirmationLinks({ secret, clock }: { secret: string; clock: () => number }): ConfirmationLinks {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'firsthand confirmation links', 32));
  return {
    mint: ({ workspaceId, identityKey, nonce }, expiresAt) => new EncryptJWT({ wsp: workspaceId, idk: identityKey, nonce })
      .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION }).setIssuer(ISSUER).setAudience(AUDIENCE).setIssuedAt(Math.floor(clock() / 1_000)).setExpirationTime(Math.floor(expiresAt / 1_000)).encrypt(key),
    async open(token, workspaceId) {
      const result = await jwtDecrypt(token, key, {
        keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: [ENCRYPTION], issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp'], currentDate: new Date(clock()),
      }).catch(() => undefined);
      const { wsp, idk, nonce } = result?.payload ?? {};
      if (wsp !== workspaceId || typeof idk !== 'string' || typeof nonce !== 'string') throw new FirsthandError('UNAUTHENTICATED', 'The link is not valid any more.');
      return { workspaceId, identityKey: idk, nonce };
    },
  };
}
