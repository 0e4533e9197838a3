import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findOnPath, isAtLeast, parseVersion } from './find-on-path.mjs';

describe('findOnPath', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'find-on-path-'));
    for (const folder of ['a', 'b']) mkdirSync(join(dir, folder));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const env = () => ({ PATH: ['a', 'b'].map((folder) => join(dir, folder)).join(delimiter) });

  it('prefers the first name over the first folder', () => {
    writeFileSync(join(dir, 'a/redis-server'), '', { mode: 0o755 });
    writeFileSync(join(dir, 'b/valkey-server'), '', { mode: 0o755 });
    expect(findOnPath(['valkey-server', 'redis-server'], env())).toBe(join(dir, 'b/valkey-server'));
  });

  it('passes over folders and files that cannot be run', () => {
    mkdirSync(join(dir, 'a/mongod'));
    writeFileSync(join(dir, 'b/mongod'), '', { mode: 0o644 });
    expect(findOnPath(['mongod'], env())).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([
    ['db version v6.0.5\nBuild Info: {', '6.0.5'],
    ['Valkey server v=9.1.2 sha=00000000:1 malloc=libc', '9.1.2'],
    ['Redis server v=7.0.15 sha=00000000:0', '7.0.15'],
    ['error while loading shared libraries: libcrypto.so.1.1', undefined],
  ])('reads %j as %s', (output, version) => {
    expect(parseVersion(output)).toBe(version);
  });

  it.each([
    ['6.0.5', '6.0', true],
    ['5.0.31', '6.0', false],
    ['10.0.0', '6.2', true],
    ['6.0.16', '6.2', false],
  ])('%s is at least %s: %s', (version, minimum, isEnough) => {
    expect(isAtLeast(version, minimum)).toBe(isEnough);
  });
});
