import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readLivePid, writePidFile } from '../servers/pid-file.mjs';
import { OperatorError } from './operator-error.mjs';

/**
 * Makes sure that one run at a time uses the data folder: a second one would take the first one's databases for leftovers and stop them.
 * @param {{ dataDir: string, defer: (undo: () => void) => void }} options
 * @throws {OperatorError} when another run is alive
 */
export function claimDataDir({ dataDir, defer }) {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'run.pid');
  const other = readLivePid(file);
  if (other !== undefined) {
    throw new OperatorError(`Firsthand already runs from this folder (pid ${other}). Stop it first: Ctrl-C in its terminal, or kill ${other}.`);
  }
  writePidFile(file, process.pid);
  defer(() => rmSync(file, { force: true }));
}
