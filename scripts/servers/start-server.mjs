import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../run/operator-error.mjs';
import { stopLeftover } from './pid-file.mjs';
import { pickPort } from './ports.mjs';
import { spawnServer } from './server-process.mjs';

/** How long a server may take for its graceful stop before it is killed. */
export const stopGraceMs = 15_000;

/** How long a server may take from its start to its first answer; recovery after a crash reads the whole journal. */
const startLimitMs = 60_000;

/** How many ports are tried: each was free a moment before, and another process that starts just then may have got it. */
const portTries = 3;

/** What mongod, and Valkey or Redis, end with when another process listens on their port. */
const portTaken = /address already in use|failed listening on port/i;

/**
 * Starts a database server and waits until it answers. On a failure, or when the signal is aborted, nothing is left running.
 * @param {{ name: string, binary: string, serverDir: string, preferredPort?: number, signal?: AbortSignal, log: (line: string) => void,
 *   argumentsFor: (place: { port: number, dbDir: string, logFile: string }) => string[],
 *   waitUntilReady: (place: { port: number, pid: number, signal: AbortSignal }) => Promise<void>,
 *   reasonIn: (logText: string) => string | undefined }} options
 *   serverDir holds the server's folder `data`, its log and its pid file; preferredPort is taken if it is free, else any free one;
 *   waitUntilReady waits for the process `pid` and does nothing to another one that answers on the port; reasonIn finds in the log why it ended
 * @returns {Promise<{ server: import('./server-process.mjs').ServerProcess, port: number }>}
 * @throws {OperatorError} when it ends or stays silent
 */
export async function startServer({ preferredPort, ...options }) {
  await prepare(options);
  for (let triesLeft = portTries - 1; ; triesLeft -= 1) {
    // Only now: a leftover may have held the very port that is preferred.
    const port = await pickPort(triesLeft === portTries - 1 ? preferredPort : undefined);
    options.signal?.throwIfAborted();
    const outcome = await startOn(port, options);
    if (outcome.server !== undefined) return outcome;
    if (triesLeft > 0 && portTaken.test(outcome.reason ?? '')) continue;
    const { logFile } = serverFiles(options.serverDir);
    throw new OperatorError(`${options.name} (${options.binary}) ended right after its start${outcome.reason ? `: ${outcome.reason}` : ''}; its log is ${logFile}.`);
  }
}

/** @returns the server that answers, or why it has ended by itself */
async function startOn(port, { name, binary, serverDir, signal, argumentsFor, waitUntilReady, reasonIn }) {
  const { dbDir, pidFile, logFile } = serverFiles(serverDir);
  const server = spawnServer({ name, command: binary, args: argumentsFor({ port, dbDir, logFile }), pidFile, cwd: serverDir });
  const ended = new AbortController();
  void server.exited.then(() => ended.abort());
  const limit = AbortSignal.timeout(startLimitMs);
  try {
    await waitUntilReady({ port, pid: server.pid, signal: AbortSignal.any([ended.signal, limit, ...(signal ? [signal] : [])]) });
    return { server, port };
  } catch (error) {
    const hasEndedByItself = ended.signal.aborted;
    await server.stop({ graceMs: stopGraceMs });
    signal?.throwIfAborted();
    if (limit.aborted) throw new OperatorError(`${name} did not answer within ${startLimitMs / 1000} s; its log is ${logFile}.`);
    if (!hasEndedByItself) throw error;
    return { reason: existsSync(logFile) ? reasonIn(readFileSync(logFile, 'utf8')) : undefined };
  }
}

/** @returns the files that belong to a server, all in one folder */
export function serverFiles(serverDir) {
  return { dbDir: join(serverDir, 'data'), pidFile: join(serverDir, 'pid'), logFile: join(serverDir, 'server.log') };
}

async function prepare({ name, serverDir, log }) {
  const { dbDir, pidFile, logFile } = serverFiles(serverDir);
  mkdirSync(dbDir, { recursive: true });
  await stopLeftover({ file: pidFile, name, graceMs: stopGraceMs, log });
  // One log of the run before is worth keeping, all of them are not.
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.previous`);
}
