import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from './run/operator-error.mjs';
import { runCommand } from './run/run-command.mjs';

/**
 * Installs the dependencies when they are missing or are not those of package-lock.json.
 * @param {{ rootDir: string, signal?: AbortSignal, log: (line: string) => void }} options
 * @throws {OperatorError} when npm fails
 */
export async function ensureInstalled({ rootDir, signal, log }) {
  const lock = readJson(join(rootDir, 'package-lock.json'));
  const installed = readJson(join(rootDir, 'node_modules/.package-lock.json'));
  if (installed && (!lock || isInstallCurrent(lock, installed))) return;

  const command = lock ? 'ci' : 'install';
  log(`installing dependencies (npm ${command})`);
  // devDependencies hold the compiler, so they are needed under NODE_ENV=production too.
  const exitCode = await runNpm([command, '--include=dev', '--no-audit', '--no-fund'], { rootDir, signal });
  if (exitCode !== 0) throw new OperatorError(`npm ${command} failed with code ${exitCode}; its own message is above. Solve that, then try again.`, exitCode);
}

/**
 * @param {string[]} args
 * @param {{ rootDir: string, signal?: AbortSignal }} options
 * @returns {Promise<number>} npm's exit code
 */
export async function runNpm(args, { rootDir, signal }) {
  // Started by `npm run`, the very same npm is used again; it may not be on the PATH.
  const [command, first] = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []];
  return (await runCommand(command, [...first, ...args], { cwd: rootDir, signal })).exitCode;
}

/**
 * @param {object} lock package-lock.json
 * @param {object} installed node_modules/.package-lock.json, which npm writes at the end of an installation
 * @returns {boolean} whether each package of the lock is there in its version; optional ones may be absent (other platforms)
 */
export function isInstallCurrent(lock, installed) {
  return Object.entries(lock.packages)
    .filter(([path]) => path.includes('node_modules/'))
    .every(([path, wanted]) => {
      const present = installed.packages[path];
      if (!present) return Boolean(wanted.optional || wanted.devOptional);
      return present.version === wanted.version && present.resolved === wanted.resolved && Boolean(present.link) === Boolean(wanted.link);
    });
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
