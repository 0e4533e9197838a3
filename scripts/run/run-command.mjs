import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';

/**
 * Runs a program to its end.
 *
 * It gets a process group of its own: Ctrl-C reaches only the script, which then ends the whole group in its own order.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal, capture?: boolean, stdin?: 'inherit' | 'ignore', priority?: number }} [options]
 *   capture: collect stdout and stderr together instead of showing them; priority: as of `os.setPriority`, which lets others go ahead
 * @returns {Promise<{ exitCode: number, output: string }>} exitCode is 127 when the program could not be started, as in a shell
 * @throws the signal's reason, once the program has ended, when it was aborted
 */
export async function runCommand(command, args, { cwd, env, signal, capture = false, stdin = 'ignore', priority } = {}) {
  signal?.throwIfAborted();
  const stdio = capture ? [stdin, 'pipe', 'pipe'] : [stdin, 'inherit', 'inherit'];
  const child = spawn(command, args, { cwd, env, stdio, detached: true });
  if (priority !== undefined && child.pid !== undefined) setPriority(child.pid, priority);
  let output = '';
  const collect = (chunk) => { output += chunk; };
  child.stdout?.setEncoding('utf8').on('data', collect);
  child.stderr?.setEncoding('utf8').on('data', collect);

  const stop = () => endGroup(child);
  signal?.addEventListener('abort', stop, { once: true });
  const exitCode = await new Promise((resolve) => {
    child.once('error', (error) => { output += error.message; resolve(127); });
    child.once('close', (code) => resolve(code ?? 1));
  });
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  return { exitCode, output };
}

/** SIGTERM to the group, SIGKILL for what is left of it 5 s later. */
function endGroup(child) {
  const send = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group has ended in the meantime.
    }
  };
  send('SIGTERM');
  const killTimer = setTimeout(send, 5_000, 'SIGKILL');
  child.once('close', () => clearTimeout(killTimer));
}
