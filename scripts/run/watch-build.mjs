import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { compilerOf } from '../build.mjs';

/**
 * Runs `tsc -b --watch` and calls back after each build without errors, one call at a time.
 * @param {{ rootDir: string, signal: AbortSignal, onCleanBuild: () => Promise<void> }} options
 * @returns {Promise<number>} settles with the compiler's exit code when it ends; rejects when onCleanBuild does
 */
export function watchBuild({ rootDir, signal, onCleanBuild }) {
  const compiler = spawn(process.execPath, [compilerOf(rootDir), '-b', '--watch', '--preserveWatchOutput'], {
    cwd: rootDir, signal, stdio: ['ignore', 'pipe', 'inherit'], detached: true,
  });
  return new Promise((resolve, reject) => {
    const callInTurn = oneAtATime(onCleanBuild, reject);
    createInterface({ input: compiler.stdout }).on('line', (line) => {
      console.log(line);
      if (isCleanBuild(line)) callInTurn();
    });
    compiler.once('error', reject);
    compiler.once('exit', (code) => resolve(code ?? 1));
  });
}

/** @param {string} line of the compiler's output, as "12:00:00 PM - Found 0 errors. Watching for file changes." */
export function isCleanBuild(line) {
  return /\bFound 0 errors\b/.test(line);
}

/** Calls that come while one is at work become a single call after it: only the newest build counts. */
export function oneAtATime(work, onError) {
  let isBusy = false;
  let isWanted = false;
  return async function call() {
    isWanted = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (isWanted) {
        isWanted = false;
        await work();
      }
    } catch (error) {
      onError(error);
    } finally {
      isBusy = false;
    }
  };
}
