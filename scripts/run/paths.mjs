import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** The root of the checkout. */
export const rootDir = resolve(import.meta.dirname, '../..');

/** Where `npm start` keeps its databases, secrets and pid files. */
export const dataDir = join(rootDir, '.firsthand');

/**
 * Where downloaded server binaries are kept, for `npm start` and `npm test` alike.
 * @param {NodeJS.ProcessEnv} [env] `FIRSTHAND_BIN_DIR` moves it, for example to a folder that a CI keeps between runs
 */
export function binaryDir(env = process.env) {
  const chosen = env.FIRSTHAND_BIN_DIR;
  if (!chosen) return join(dataDir, 'bin');
  if (chosen.startsWith('~/')) return join(homedir(), chosen.slice(2));
  return isAbsolute(chosen) ? chosen : resolve(rootDir, chosen);
}
