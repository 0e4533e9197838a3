import { FirsthandError } from '@firsthand/domain';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createUserTokens } from './user-tokens.js';

const NOW = 1_795_478_400_000;
const SECONDS = NOW / 1_000;
const secret = 'a secret of at least 64 characters, so that HS512 would take it too';
const shop = { workspaceId: 'w1', connectionId: 'shop' };
const tokens = createUserTokens({ secret, clock: () => NOW });

interface Made { alg?: string; kid?: string; keyId?: string; aud?: string | string[]; sub?: string; ns?: string; iat?: number; exp?: number; nbf?: number; without?: 'iat' | 'exp' | 'sub'; connectionId?: string }

/** As a brand's own server makes one, with what is wrong about it. */
function made({ alg = 'HS256', kid = 'k1', keyId = 'k1', aud = 'shop', sub = 'u-7', ns, iat = SECONDS - 60, exp = SECONDS + 600, nbf, without, connectionId = 'shop' }: Made = {}): Promise<string> {
  const claims = { aud, sub, ...(ns === undefined ? {} : { ns }), iat, exp, ...(nbf === undefined ? {} : { nbf }) };
  if (without !== undefined) delete (claims as Partial<typeof claims>)[without];
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(new TextEncoder().encode(tokens.secretOf({ ...shop, connectionId, keyId })));
}

describe('user tokens', () => {
  it('say who is signed in at which connection', async () => {
    await expect(tokens.open(await made(), shop, ['k0', 'k1'])).resolves.toEqual({ namespace: 'userId', value: 'u-7' });
    await expect(tokens.open(await made({ ns: 'memberNo', sub: 'M-1' }), shop, ['k1'])).resolves.toEqual({ namespace: 'memberNo', value: 'M-1' });
    expect(tokens.namedIn(await made())).toMatchObject({ connectionIds: ['shop'], keyId: 'k1' });
    const listed = await made({ aud: ['other', 'shop', 'other'] });
    expect(tokens.namedIn(listed)).toMatchObject({ connectionIds: ['other', 'shop'], keyId: 'k1' });
    await expect(tokens.open(listed, shop, ['k1'])).resolves.toEqual({ namespace: 'userId', value: 'u-7' });
    expect(() => tokens.namedIn('no.token')).toThrow(FirsthandError);
  });

  it('have another key for each connection, workspace and id, and the same one for the same', () => {
    const keys = [{ ...shop, keyId: 'k1' }, { ...shop, keyId: 'k2' }, { ...shop, connectionId: 'app', keyId: 'k1' }, { ...shop, workspaceId: 'w2', keyId: 'k1' }].map((key) => tokens.secretOf(key));
    expect(new Set(keys).size).toBe(4);
    expect(createUserTokens({ secret, clock: () => NOW }).secretOf({ ...shop, keyId: 'k1' })).toBe(keys[0]);
    expect(createUserTokens({ secret: `${secret}.`, clock: () => NOW }).secretOf({ ...shop, keyId: 'k1' })).not.toBe(keys[0]);
  });

  it.each<[string, Made]>([
    ['of a key that was revoked', { kid: 'k9', keyId: 'k9' }], ['with another key than it names', { keyId: 'k2' }], ['of another connection', { aud: 'app' }], ['of a list without its connection', { aud: ['app', 'other'] }], ['signed for another connection', { connectionId: 'app' }],
    ['of another algorithm', { alg: 'HS512' }], ['that is over', { exp: SECONDS - 60 }], ['of yesterday', { iat: SECONDS - 86_500, exp: SECONDS + 1 }], ['that lasts too long', { exp: SECONDS + 90_000 }], ['made in time to come', { iat: SECONDS + 3_600, exp: SECONDS + 7_200 }], ['that begins later', { nbf: SECONDS + 60 }],
    ['without an end', { without: 'exp' }], ['without a beginning', { without: 'iat' }], ['of nobody', { without: 'sub' }], ['of an empty name', { sub: '' }],
  ])('are refused: one %s', async (_, wrong) => {
    await expect(tokens.open(await made(wrong), shop, ['k1'])).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('are refused unsigned, or when they are none', async () => {
    const unsigned = new UnsecuredJWT({ aud: 'shop', sub: 'u-7' }).setIssuedAt(SECONDS).setExpirationTime(SECONDS + 60).encode();
    for (const token of [unsigned, '', 'a.b.c', `${await made()}x`]) await expect(tokens.open(token, shop, ['k1'])).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
