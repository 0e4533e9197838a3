import { createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { FirsthandError } from '@firsthand/domain';
import { signingKeyOf } from './signer.js';

/** Signs bodies of answers and callbacks, so that who gets one knows from whom it is. */
export interface BodySigner {
  /** The host name that the signature stands for. */
  domain: string;
  /** The X.509 certificate that verifies it, PEM, with whatever else its file holds; null where the host's own key signs, whose public half is in the JWKS. */
  certificate: string | null;
  /** What a receiver calls the algorithm. */
  algorithm: 'RSA-SHA256' | 'ECDSA-SHA256' | 'Ed25519';
  /** Base64 of the signature over the text's bytes in UTF-8. */
  sign(body: string): string;
}

export interface BodySignerOptions {
  /** Where the outside reaches this host. */
  publicUrl: string;
  /** 32 bytes: the host's own key, as of `createSigner`. */
  seed: Uint8Array;
  /** PEM texts; undefined where the operator has none. */
  certificate: { certificate: string; privateKey: string } | undefined;
}

/**
 * Makes the signer of OpenDSR 2.0 (section 4): with the operator's certificate by RSA or ECDSA over SHA-256 (FIPS 186-4), else with the host's own Ed25519 key.
 *
 * @throws FirsthandError `INVALID_ENVIRONMENT` for a certificate or key that cannot be read, that do not belong together, of another kind, or for another domain: receivers would take nothing that is signed by it
 * @example createBodySigner({ publicUrl: 'https://data.example.com', seed, certificate: undefined }).sign('{}')
 */
export function createBodySigner({ publicUrl, seed, certificate: given }: BodySignerOptions): BodySigner {
  const domain = new URL(publicUrl).hostname;
  if (given === undefined) {
    const own = signingKeyOf(seed);
    return { domain, certificate: null, algorithm: 'Ed25519', sign: (body) => sign(null, Buffer.from(body), own).toString('base64') };
  }
  const key = readPair(given, domain);
  return { domain, certificate: given.certificate, algorithm: key.asymmetricKeyType === 'rsa' ? 'RSA-SHA256' : 'ECDSA-SHA256', sign: (body) => sign('sha256', Buffer.from(body), key).toString('base64') };
}

function readPair({ certificate, privateKey }: { certificate: string; privateKey: string }, domain: string): KeyObject {
  const refuse = (path: string, message: string): never => {
    throw new FirsthandError('INVALID_ENVIRONMENT', `${path} ${message}`, [{ path, message }]);
  };
  const read = <T>(path: string, work: () => T): T => {
    try {
      return work();
    } catch {
      return refuse(path, 'is no PEM file of its kind');
    }
  };
  const x509 = read('FIRSTHAND_OPENDSR_CERTIFICATE_FILE', () => new X509Certificate(certificate));
  const key = read('FIRSTHAND_OPENDSR_KEY_FILE', () => createPrivateKey(privateKey));
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec') refuse('FIRSTHAND_OPENDSR_KEY_FILE', 'must be an RSA or EC key');
  if (!x509.checkPrivateKey(key)) refuse('FIRSTHAND_OPENDSR_KEY_FILE', 'is not the key of the certificate');
  if ((isIP(domain) === 0 ? x509.checkHost(domain, { subject: 'never' }) : x509.checkIP(domain)) === undefined) refuse('FIRSTHAND_OPENDSR_CERTIFICATE_FILE', `does not name ${domain}, the host of PUBLIC_URL, among its subject alternative names`);
  return key;
}
