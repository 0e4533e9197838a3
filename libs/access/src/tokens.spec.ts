import { FirsthandError } from '@firsthand/domain';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createPrivacyLinks } from './privacy-links.js';
import { createSessionTokens } from './session-tokens.js';

// Long enough for every HMAC of JWS: what is refused for its algorithm is refused for nothing else.
const secret = 'a secret of at least 64 characters, so that HS512 would take it too';
const claims = { workspaceId: 'w1', userId: 'u1', sessionId: 's1', tokenVersion: 3 };
const identity = { namespace: 'email', value: 'ana@example.com' };

describe('session tokens', () => {
  let now = 1_795_478_400_000;
  const tokens = createSessionTokens({ secret, clock: () => now, lifetimeMs: 60_000 });

  it('carry who it is and no permission', async () => {
    const { token, expiresAt } = await tokens.sign(claims);
    expect(expiresAt).toBe(now + 60_000);
    await expect(tokens.verify(token)).resolves.toEqual(claims);
    expect(Object.keys(JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as object).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sub', 'ver', 'wsp']);
  });

  it('end', async () => {
    const { token } = await tokens.sign(claims);
    now += 61_000;
    await expect(tokens.verify(token)).rejects.toThrow(FirsthandError);
  });

  it.each([
    ['another secret', (key: Uint8Array) => new SignJWT({ wsp: 'w1', ver: 3 }).setProtectedHeader({ alg: 'HS256' }).setIssuer('firsthand').setAudience('firsthand-admin').setSubject('u1').setJti('s1').setExpirationTime(9e9).sign(key.map((byte) => byte ^ 1))],
    ['another algorithm', (key: Uint8Array) => new SignJWT({ wsp: 'w1', ver: 3 }).setProtectedHeader({ alg: 'HS512' }).setIssuer('firsthand').setAudience('firsthand-admin').setSubject('u1').setJti('s1').setExpirationTime(9e9).sign(key)],
    ['no algorithm', async () => new UnsecuredJWT({ wsp: 'w1', ver: 3 }).setIssuer('firsthand').setAudience('firsthand-admin').setSubject('u1').setJti('s1').setExpirationTime(9e9).encode()],
    ['another issuer', (key: Uint8Array) => new SignJWT({ wsp: 'w1', ver: 3 }).setProtectedHeader({ alg: 'HS256' }).setIssuer('someone').setAudience('firsthand-admin').setSubject('u1').setJti('s1').setExpirationTime(9e9).sign(key)],
    ['another audience', (key: Uint8Array) => new SignJWT({ wsp: 'w1', ver: 3 }).setProtectedHeader({ alg: 'HS256' }).setIssuer('firsthand').setAudience('firsthand-privacy').setSubject('u1').setJti('s1').setExpirationTime(9e9).sign(key)],
    ['no end', (key: Uint8Array) => new SignJWT({ wsp: 'w1', ver: 3 }).setProtectedHeader({ alg: 'HS256' }).setIssuer('firsthand').setAudience('firsthand-admin').setSubject('u1').sign(key)],
  ])('with %s are refused', async (_, make) => {
    await expect(tokens.verify(await make(new TextEncoder().encode(secret)))).rejects.toThrow(FirsthandError);
  });
});

describe('privacy links', () => {
  let now = 1_795_478_400_000;
  const links = createPrivacyLinks({ secret, clock: () => now, lifetimeMs: 60_000 });

  it('open for their workspace and do not tell whose they are', async () => {
    const { token } = await links.mint({ workspaceId: 'w1', identity, by: 'link' });
    await expect(links.open(token, 'w1')).resolves.toEqual({ workspaceId: 'w1', identity, by: 'link' });
    await expect(links.open(token, 'w2')).rejects.toThrow(FirsthandError);
    for (const part of token.split('.')) expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('ana');
  });

  it('end, and are no session', async () => {
    const { token } = await links.mint({ workspaceId: 'w1', identity, by: 'link' });
    await expect(createSessionTokens({ secret, clock: () => now }).verify(token)).rejects.toThrow(FirsthandError);
    now += 61_000;
    await expect(links.open(token, 'w1')).rejects.toThrow(FirsthandError);
  });
});
