import { randomBytes } from 'node:crypto';
import { createSigner, openSigned, signingSeed } from './signer.js';

describe('a signer', () => {
  it('signs what its public key verifies, and only as what it is', async () => {
    const signer = await createSigner(signingSeed(randomBytes(32)));
    const jws = await signer.sign({ a: 1 }, 'one+jws');
    expect(await openSigned(jws, signer.jwks, 'one+jws')).toEqual({ a: 1 });
    expect(await openSigned(jws, signer.jwks, 'other+jws')).toBeUndefined();
    const [header, , signature] = jws.split('.');
    expect(await openSigned([header, Buffer.from('{"a":2}').toString('base64url'), signature].join('.'), signer.jwks, 'one+jws')).toBeUndefined();
    expect(await openSigned(jws, (await createSigner(randomBytes(32))).jwks, 'one+jws')).toBeUndefined();
    expect(await openSigned('nonsense', signer.jwks, 'one+jws')).toBeUndefined();
  });

  it('has the same key for the same secret key, and shows only its public part', async () => {
    const secret = randomBytes(32);
    const [one, other] = [await createSigner(signingSeed(secret)), await createSigner(signingSeed(secret))];
    expect(one.jwks).toEqual(other.jwks);
    expect(one.jwks.keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x']]);
  });
});
