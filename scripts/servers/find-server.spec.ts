import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatorError } from '../run/operator-error.mjs';
import { findValkey } from './find-server.mjs';

describe('findValkey', () => {
  let dir: string;
  const script = (path: string, output: string, code = 0) => {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), `#!/bin/sh\necho "${output}"\nexit ${code}\n`, { mode: 0o755 });
    return join(dir, path);
  };
  const find = (log: (line: string) => void = () => {}) => findValkey({ binDir: join(dir, 'bin'), log, env: { PATH: join(dir, 'path') } });
  beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'find-server-')); });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('takes the one on the PATH before an earlier download', async () => {
    script('bin/valkey-server', 'Valkey server v=9.1.2');
    const onPath = script('path/redis-server', 'Redis server v=7.0.15');
    expect(await find()).toBe(onPath);
  });

  it('passes over one that is too old, says so, and takes the earlier download', async () => {
    script('path/redis-server', 'Redis server v=5.0.14');
    const downloaded = script('bin/valkey-server', 'Valkey server v=9.1.2');
    const lines: string[] = [];
    expect(await find((line) => lines.push(line))).toBe(downloaded);
    expect(lines).toEqual([expect.stringContaining('it is version 5.0.14, older than 6.2')]);
  });

  it('says what to do when every source has failed', async () => {
    script('path/redis-server', 'error while loading shared libraries', 127);
    const savedPath = process.env.PATH;
    process.env.PATH = join(dir, 'path');
    try {
      const failure = find();
      await expect(failure).rejects.toThrow(OperatorError);
      await expect(failure).rejects.toThrow(/error while loading shared libraries.*or set REDIS_URL to one that already runs\.$/);
    } finally {
      process.env.PATH = savedPath;
    }
  });
});
