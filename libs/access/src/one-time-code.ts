import { createHmac, hkdfSync, randomInt } from 'node:crypto';
import { identityKey, type Identity } from '@firsthand/domain';

/** Digits of a code: five tries out of a hundred millions. */
export const ONE_TIME_CODE_DIGITS = 8;

export interface OneTimeCodes {
  /** A new code, from the system's random numbers. */
  newCode(): string;
  /** The code of something that has a secret of its own: the same one, however often it is sent. */
  codeFrom(seed: string): string;
  /** Under what the code of an identity is stored: it does not say whose it is. */
  keyOf(workspaceId: string, identity: Identity): string;
  /** What is stored of a code. Without the secret it cannot be tried out. */
  digestOf(workspaceId: string, identity: Identity, code: string): string;
}

/**
 * Codes that people get at an address of theirs and type in. Stored are keyed hashes alone (HMAC-SHA256, with a key derived for this use, RFC 5869): of eight digits a plain hash would be
 * no secret.
 *
 * @example const codes = createOneTimeCodes(tokenSecret); codes.digestOf(workspaceId, identity, codes.newCode());
 */
export function createOneTimeCodes(secret: string): OneTimeCodes {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'firsthand one-time codes', 32));
  const mac = (...parts: string[]): string => createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');
  return {
    newCode: () => String(randomInt(10 ** ONE_TIME_CODE_DIGITS)).padStart(ONE_TIME_CODE_DIGITS, '0'),
    codeFrom: (seed) => String(BigInt(`0x${mac('code of', seed)}`) % BigInt(10 ** ONE_TIME_CODE_DIGITS)).padStart(ONE_TIME_CODE_DIGITS, '0'),
    keyOf: (workspaceId, identity) => mac('identity', workspaceId, identityKey(identity)),
    digestOf: (workspaceId, identity, code) => mac('code', workspaceId, identityKey(identity), code),
  };
}
