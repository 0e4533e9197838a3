import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../run/operator-error.mjs';
import { stopLeftover } from './pid-file.mjs';
import { spawnServer } from './server-process.mjs';

/** How long a server may take for its graceful stop before it is killed. */
export const stopGraceMs = 15_000;

/** How long a server may take from its start to its first answer; recovery after a crash reads the whole journal. */
const startLimitMs = 60_000;

/**
 * Starts a database server and waits until it answers. On a failure, or when the signal is aborted, nothing is left running.
 * @param {{ name: string, binary: string, args: string[], serverDir: string, signal?: AbortSignal, log: (line: string) => void,
 *   waitUntilReady: (signal: AbortSignal) => Promise<void>, reasonIn?: (logText: string) => string | undefined }} options
 *   serverDir holds the server's folder `data`, its log and its pid file; reasonIn finds in the log why it ended
 * @returns {Promise<import('./server-process.mjs').ServerProcess>}
 * @throws {OperatorError} when it ends or stays silent
 */
export async function startServer({ name, binary, args, serverDir, signal, log, waitUntilReady, reasonIn }) {
  const { pidFile, logFile } = serverFiles(serverDir);
  await prepare({ name, serverDir, pidFile, logFile, log });
  signal?.throwIfAborted();

  const server = spawnServer({ name, command: binary, args, pidFile, cwd: serverDir });
  const gaveUp = new AbortController();
  void server.exited.then(() => gaveUp.abort());
  const limit = AbortSignal.timeout(startLimitMs);
  try {
    await waitUntilReady(AbortSignal.any([gaveUp.signal, limit, ...(signal ? [signal] : [])]));
    return server;
  } catch (error) {
    await server.stop({ graceMs: stopGraceMs });
    signal?.throwIfAborted();
    if (limit.aborted) throw new OperatorError(`${name} did not answer within ${startLimitMs / 1000} s; its log is ${logFile}.`);
    if (!gaveUp.signal.aborted) throw error;
    const reason = existsSync(logFile) ? reasonIn?.(readFileSync(logFile, 'utf8')) : undefined;
    throw new OperatorError(`${name} (${binary}) ended right after its start${reason ? `: ${reason}` : ''}; its log is ${logFile}.`);
  }
}

/** @returns the files that belong to a server, all in one folder */
export function serverFiles(serverDir) {
  return { dbDir: join(serverDir, 'data'), pidFile: join(serverDir, 'pid'), logFile: join(serverDir, 'server.log') };
}

async function prepare({ name, serverDir, pidFile, logFile, log }) {
  mkdirSync(serverFiles(serverDir).dbDir, { recursive: true });
  await stopLeftover({ file: pidFile, name, graceMs: stopGraceMs, log });
  // One log of the run before is worth keeping, all of them are not.
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.previous`);
}
