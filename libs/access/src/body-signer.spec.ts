import { createPublicKey, randomBytes, verify, X509Certificate, type JsonWebKey } from 'node:crypto';
import { TEST_CERTIFICATES } from '../../../test/support/test-certificates.js';
import { createBodySigner, type BodySignerOptions } from './body-signer.js';
import { createSigner } from './signer.js';

const seed = randomBytes(32);
const make = (over: Partial<BodySignerOptions> = {}) => createBodySigner({ publicUrl: 'https://data.example.com/', seed, certificate: undefined, ...over });
const { rsa, ec } = TEST_CERTIFICATES;

describe('the signer of bodies', () => {
  it.each([['RSA-SHA256', rsa, 'https://data.example.com'], ['RSA-SHA256', rsa, 'http://127.0.0.1:3000'], ['ECDSA-SHA256', ec, 'https://other.example.com']] as const)('signs with the operator’s certificate: %s', (algorithm, certificate, publicUrl) => {
    const signer = make({ certificate, publicUrl });
    const signature = Buffer.from(signer.sign('{"a":"é"}'), 'base64');
    const { publicKey } = new X509Certificate(signer.certificate ?? '');
    expect([signer.algorithm, signer.domain, verify('sha256', Buffer.from('{"a":"é"}'), publicKey, signature), verify('sha256', Buffer.from('{"a":"e"}'), publicKey, signature)]).toEqual([algorithm, new URL(publicUrl).hostname, true, false]);
  });

  it('signs with the host’s own key where there is no certificate, as its JWKS verifies', async () => {
    const signer = make();
    const [jwk] = (await createSigner(seed)).jwks.keys;
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    expect([signer.certificate, signer.algorithm, verify(null, Buffer.from('body'), key, Buffer.from(signer.sign('body'), 'base64'))]).toEqual([null, 'Ed25519', true]);
  });

  it.each([
    ['the key of another', { ...rsa, privateKey: ec.privateKey }, 'FIRSTHAND_OPENDSR_KEY_FILE'],
    ['another domain', ec, 'FIRSTHAND_OPENDSR_CERTIFICATE_FILE'],
    ['no certificate', { ...rsa, certificate: 'none' }, 'FIRSTHAND_OPENDSR_CERTIFICATE_FILE'],
    ['no key', { ...rsa, privateKey: 'none' }, 'FIRSTHAND_OPENDSR_KEY_FILE'],
  ])('refuses %s', (_, certificate, path) => {
    expect(() => make({ certificate })).toThrow(expect.objectContaining({ code: 'INVALID_ENVIRONMENT', places: [{ path, message: expect.any(String) as string }] }) as Error);
  });
});
