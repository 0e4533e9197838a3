import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, CompactSign, compactVerify, createLocalJWKSet, type JSONWebKeySet, type JWK } from 'jose';

/** RFC 8410 section 7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const ALGORITHM = 'EdDSA';

/** Public keys in the form of RFC 7517. */
export type { JSONWebKeySet } from 'jose';

/** Signs what has to be believed outside of this host. */
export interface Signer {
  keyId: string;
  /** What verifies it. */
  jwks: JSONWebKeySet;
  /** A compact JWS (RFC 7515) over the JSON. `typ` says what it is, so that one kind is not taken for another. */
  sign(content: object, typ: string): Promise<string>;
}

/**
 * Makes a signer (Ed25519, RFC 8037). Its key id is the thumbprint of the public key (RFC 7638).
 *
 * @param seed 32 random bytes
 * @example const signer = await createSigner(signingSeed(secretKey)); await signer.sign({ hello: 1 }, 'greeting+jws');
 */
export async function createSigner(seed: Uint8Array): Promise<Signer> {
  const privateKey = signingKeyOf(seed);
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const jwk = { kty, crv, x } as JWK;
  const keyId = await calculateJwkThumbprint(jwk);
  return {
    keyId,
    jwks: { keys: [{ ...jwk, kid: keyId, use: 'sig', alg: ALGORITHM }] },
    sign: (content, typ) => new CompactSign(new TextEncoder().encode(JSON.stringify(content))).setProtectedHeader({ alg: ALGORITHM, kid: keyId, typ }).sign(privateKey),
  };
}

/** The private key of a seed. */
export function signingKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** The seed for who sets none: derived from the secret key for this use alone (RFC 5869). */
export function signingSeed(secretKey: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', 'firsthand signatures', 32));
}

/** The JSON of a JWS of this kind, if one of these keys has signed it; else undefined. */
export async function openSigned(jws: string, jwks: JSONWebKeySet, typ: string): Promise<unknown> {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(jwks), { algorithms: [ALGORITHM] });
    return protectedHeader.typ === typ ? (JSON.parse(new TextDecoder().decode(payload)) as unknown) : undefined;
  } catch {
    return undefined;
  }
}
