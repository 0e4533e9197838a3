import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePidFile, readLivePid, startTimeFromStat, startTimeOf, stopLeftover, writePidFile } from './pid-file.mjs';

describe('pid files', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pid-file-'));
    file = join(dir, 'pid');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('finds the process again', () => {
    writePidFile(file, process.pid);
    expect(readLivePid(file)).toBe(process.pid);
  });

  it('does not take a stranger for it that got the same id later', () => {
    writeFileSync(file, `${process.pid} 1\n`);
    expect(readLivePid(file)).toBeUndefined();
  });

  it.each(['', 'abc\n', '123', '123 \n'])('reads %j, cut off or foreign, as no process', (text) => {
    expect(parsePidFile(text)).toBeUndefined();
  });

  it('reads the start time behind a program name with spaces and parentheses', () => {
    const fields = Array.from({ length: 40 }, (_, index) => String(index + 4));
    expect(startTimeFromStat(`7 (a) b (c) S ${fields.join(' ')}`)).toBe('22');
  });

  it('counts a zombie as ended', () => {
    expect(startTimeFromStat(`7 (x) Z ${Array(40).fill('1').join(' ')}`)).toBeUndefined();
  });

  it('stops the process that was left behind and forgets it', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    writePidFile(file, child.pid!);
    const lines: string[] = [];
    await stopLeftover({ file, name: 'server', graceMs: 5_000, log: (line: string) => lines.push(line) });
    expect(await exited).toEqual([null, 'SIGTERM']);
    expect(startTimeOf(child.pid!)).toBeUndefined();
    expect(existsSync(file)).toBe(false);
    expect(lines).toHaveLength(1);
  });

  it('kills one that does not stop by itself', async () => {
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    writePidFile(file, child.pid!);
    await stopLeftover({ file, name: 'server', graceMs: 50, log: () => {} });
    expect(await exited).toEqual([null, 'SIGKILL']);
  });
});
