import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from '../run/run-command.mjs';

/**
 * @param {string[]} names in order of preference
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} the first executable file with one of these names
 */
export function findOnPath(names, env = process.env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Asks a server binary for its version, which also shows that it runs on this machine at all (libraries, libc, CPU).
 * @param {string} binary
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ version?: string, problem?: string }>} the version as `6.0.5`, or why there is none
 */
export async function versionOf(binary, signal) {
  const { exitCode, output } = await runCommand(binary, ['--version'], { capture: true, signal });
  const version = parseVersion(output);
  if (exitCode === 0 && version) return { version };
  return { problem: output.trim().split('\n')[0] || `exit code ${exitCode}` };
}

/**
 * @param {string} output of `mongod --version` ("db version v6.0.5") or `valkey-server --version` ("Valkey server v=9.1.2")
 * @returns {string | undefined}
 */
export function parseVersion(output) {
  return /\bv=?(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/**
 * @param {string} version
 * @param {string} minimum as `6.2`
 */
export function isAtLeast(version, minimum) {
  const [major, minor] = version.split('.').map(Number);
  const [minMajor, minMinor] = minimum.split('.').map(Number);
  return major > minMajor || (major === minMajor && minor >= minMinor);
}
