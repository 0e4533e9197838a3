import { hashPassword, verifyPassword } from './password.js';

describe('passwords', () => {
  it('are hashed with argon2id and a salt each', async () => {
    const [one, other] = await Promise.all([hashPassword('correct horse battery'), hashPassword('correct horse battery')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    await expect(verifyPassword(one, 'correct horse battery')).resolves.toBe(true);
    await expect(verifyPassword(one, 'correct horse batterz')).resolves.toBe(false);
  });

  it('are wrong for an account that does not exist or whose hash is damaged', async () => {
    await expect(verifyPassword(undefined, 'the password of nobody')).resolves.toBe(false);
    await expect(verifyPassword('plain', 'plain')).resolves.toBe(false);
  });
});
