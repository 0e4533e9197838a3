import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { writePidFile } from './pid-file.mjs';

/**
 * A server that we started and will stop.
 * @typedef {object} ServerProcess
 * @property {string} name
 * @property {number} pid
 * @property {Promise<{ code: number | null, signal: string | null }>} exited settles when it ends, for whatever reason; never rejects
 * @property {(options: { graceMs: number, force?: AbortSignal }) => Promise<void>} stop
 *   SIGTERM, then SIGKILL after graceMs or as soon as `force` is aborted
 */

/**
 * Starts a server in a process group of its own, so that Ctrl-C goes to the script alone, which stops the servers in order.
 * @param {{ name: string, command: string, args: string[], pidFile: string, cwd?: string, env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }} options
 * @returns {ServerProcess}
 */
export function spawnServer({ name, command, args, pidFile, cwd, env, stdio = 'ignore' }) {
  const child = spawn(command, args, { cwd, env, stdio, detached: true });
  if (child.pid !== undefined) writePidFile(pidFile, child.pid);
  const exited = new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  }).then((end) => {
    rmSync(pidFile, { force: true });
    return end;
  });
  return { name, pid: child.pid, exited, stop: (options) => stopChild(child, exited, options) };
}

async function stopChild(child, exited, { graceMs, force }) {
  const kill = () => child.kill('SIGKILL');
  const killTimer = setTimeout(kill, graceMs);
  if (force?.aborted) kill();
  force?.addEventListener('abort', kill, { once: true });
  child.kill('SIGTERM');
  await exited;
  clearTimeout(killTimer);
  force?.removeEventListener('abort', kill);
}
