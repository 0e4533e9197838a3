import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatorError } from './operator-error.mjs';
import { loadSecrets } from './secrets.mjs';

describe('loadSecrets', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'secrets-'));
    file = join(dir, 'deep/secrets.json');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('makes 32 random bytes each, keeps them, and lets nobody else read them', () => {
    const made = loadSecrets({ file, env: {} });
    expect(Buffer.from(made.FIRSTHAND_SECRET_KEY, 'base64')).toHaveLength(32);
    expect(made.FIRSTHAND_TOKEN_SECRET).not.toBe(made.FIRSTHAND_SECRET_KEY);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadSecrets({ file, env: {} })).toEqual(made);
  });

  it('prefers the environment and does not write it down', () => {
    const { FIRSTHAND_SECRET_KEY } = loadSecrets({ file, env: { FIRSTHAND_SECRET_KEY: 'from-env' } });
    expect(FIRSTHAND_SECRET_KEY).toBe('from-env');
    expect(readFileSync(file, 'utf8')).not.toContain('FIRSTHAND_SECRET_KEY');
  });

  it('never replaces a file that it cannot read', () => {
    loadSecrets({ file, env: {} });
    writeFileSync(file, '{ broken');
    expect(() => loadSecrets({ file, env: {} })).toThrow(OperatorError);
    expect(readFileSync(file, 'utf8')).toBe('{ broken');
  });
});
