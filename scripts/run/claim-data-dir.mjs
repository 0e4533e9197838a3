import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readLivePid, writePidFile } from '../servers/pid-file.mjs';
import { OperatorError } from './operator-error.mjs';

/**
 * Makes sure that one run at a time uses the data folder: a second one would take the first one's databases for leftovers and stop them.
 * @param {{ dataDir: string, defer: (undo: () => void) => void }} options
 * @throws {OperatorError} when another run is alive, or the folder cannot be written
 */
export function claimDataDir({ dataDir, defer }) {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
  } catch ({ code }) {
    throw new OperatorError(`${dataDir} cannot be written (${code}). Databases and secrets are kept there: let this user write to it, or clone into a folder of theirs.`);
  }
  const file = join(dataDir, 'run.pid');
  const other = readLivePid(file);
  if (other !== undefined) {
    throw new OperatorError(`Firsthand already runs from this folder (pid ${other}). Stop it first: Ctrl-C in its terminal, or kill ${other}.`);
  }
  writePidFile(file, process.pid);
  defer(() => rmSync(file, { force: true }));
}
