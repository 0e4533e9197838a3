import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLivePid, stopLeftover, writePidFile } from '../servers/pid-file.mjs';

const prefix = 'firsthand-test-';
const ownerFile = 'owner.pid';

/**
 * Makes the folder of one test run, removed at its end.
 * @param {{ defer: (undo: () => void) => void }} options
 * @returns {string}
 */
export function makeTestDir({ defer }) {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  writePidFile(join(dir, ownerFile), process.pid);
  defer(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/**
 * Removes the folders, and stops the servers, of test runs that were killed before they could do so themselves.
 * @param {{ log: (line: string) => void, parent?: string }} options
 */
export async function sweepDeadTestDirs({ log, parent = tmpdir() }) {
  const dirs = readdirSync(parent).filter((name) => name.startsWith(prefix)).map((name) => join(parent, name));
  for (const dir of dirs) {
    const owner = join(dir, ownerFile);
    // Without the file the folder is being made at this moment, or is not ours.
    if (!existsSync(owner) || readLivePid(owner) !== undefined) continue;
    for (const name of ['valkey', 'mongodb']) await stopLeftover({ file: join(dir, name, 'pid'), name, graceMs: 0, log });
    rmSync(dir, { recursive: true, force: true });
  }
}
