import { openSecrets } from './open-secrets.js';
import { sealSecrets } from './seal-secrets.js';
import { readSecretKey } from './secret-key.js';

const key = readSecretKey(Buffer.alloc(32, 1).toString('base64'));
const other = readSecretKey(Buffer.alloc(32, 2).toString('base64'));
const owner = { workspaceId: 'w1', connectionId: 'c1' };
const secrets = { token: 'tøken', empty: '' };
const unreadable = expect.objectContaining({ code: 'SECRET_UNREADABLE' });

describe('sealSecrets and openSecrets', () => {
  it('give back what was sealed, and tell nothing of it', () => {
    const sealed = sealSecrets(secrets, key, owner);
    expect(openSecrets(sealed, [key], owner)).toEqual(secrets);
    expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\./);
    expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('token');
  });

  it('never seal alike twice', () => expect(sealSecrets(secrets, key, owner)).not.toBe(sealSecrets(secrets, key, owner)));

  it('find the key that sealed, after a rotation', () => expect(openSecrets(sealSecrets(secrets, key, owner), [other, key], owner)).toEqual(secrets));

  it('tell the connection whose secrets cannot be read with another key', () => {
    expect(() => openSecrets(sealSecrets(secrets, key, owner), [other], owner)).toThrow(/connection c1/);
  });

  it.each([
    ['another key', () => [sealSecrets(secrets, key, owner), [other]] as const],
    ['another key under the same id', () => [sealSecrets(secrets, key, owner), [{ ...other, id: key.id }]] as const],
    ['no key', () => [sealSecrets(secrets, key, owner), []] as const],
    ['another connection', () => [sealSecrets(secrets, key, { ...owner, connectionId: 'c2' }), [key]] as const],
    ['another workspace', () => [sealSecrets(secrets, key, { ...owner, workspaceId: 'w2' }), [key]] as const],
    ['a changed text', () => [sealSecrets(secrets, key, owner).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')), [key]] as const],
    ['a changed nonce', () => [sealSecrets(secrets, key, owner).replace(/^(.{12})(.)/, (_, head: string, at: string) => `${head}${at === 'A' ? 'B' : 'A'}`), [key]] as const],
    ['a cut tag', () => [sealSecrets(secrets, key, owner).slice(0, -8), [key]] as const],
    ['other text', () => ['v1.x', [key]] as const],
    ['no text', () => ['', [key]] as const],
  ])('do not open with %s', (_, make) => {
    const [sealed, keys] = make();
    expect(() => openSecrets(sealed, keys, owner)).toThrow(unreadable);
  });
});

describe('readSecretKey', () => {
  it('takes 32 bytes, and names the key without telling it', () => {
    expect(key.bytes).toHaveLength(32);
    expect(key.id).not.toBe(other.id);
  });

  it.each(['', 'short', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64'), `${'*'.repeat(4)}${Buffer.alloc(32).toString('base64')}`])('refuses "%s"', (text) => {
    expect(() => readSecretKey(text)).toThrow(expect.objectContaining({ code: 'INVALID_ENVIRONMENT' }));
  });
});
