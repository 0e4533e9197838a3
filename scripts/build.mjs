import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from './run/operator-error.mjs';
import { runCommand } from './run/run-command.mjs';

/** @returns {string} the compiler's own script, so that no shell and no npx is needed */
export function compilerOf(rootDir) {
  return join(rootDir, 'node_modules/typescript/bin/tsc');
}

/**
 * Compiles what has changed since the last time, as `tsc -b` does.
 * @param {{ rootDir: string, signal?: AbortSignal, log: (line: string) => void }} options
 * @throws {OperatorError} when it does not compile; the compiler has said why
 */
export async function build({ rootDir, signal, log }) {
  // The compiler says nothing while it works, which is a minute or two the first time.
  if (!existsSync(join(rootDir, 'apps/host/dist/main.js'))) log('building; the first time takes a minute or two');
  const { exitCode } = await runCommand(process.execPath, [compilerOf(rootDir), '-b'], { cwd: rootDir, signal });
  if (exitCode !== 0) throw new OperatorError('the build failed; the compiler\'s messages are above.', exitCode);
}
