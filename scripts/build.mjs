import { join } from 'node:path';
import { OperatorError } from './run/operator-error.mjs';
import { runCommand } from './run/run-command.mjs';

/** @returns {string} the compiler's own script, so that no shell and no npx is needed */
export function compilerOf(rootDir) {
  return join(rootDir, 'node_modules/typescript/bin/tsc');
}

/**
 * Compiles what has changed since the last time, as `tsc -b` does.
 * @param {{ rootDir: string, signal?: AbortSignal }} options
 * @throws {OperatorError} when it does not compile; the compiler has said why
 */
export async function build({ rootDir, signal }) {
  const { exitCode } = await runCommand(process.execPath, [compilerOf(rootDir), '-b'], { cwd: rootDir, signal });
  if (exitCode !== 0) throw new OperatorError('the build failed; the compiler\'s messages are above.', exitCode);
}
