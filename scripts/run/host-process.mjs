import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnServer } from '../servers/server-process.mjs';
import { stopLeftover } from '../servers/pid-file.mjs';
import { OperatorError } from './operator-error.mjs';

/** How long the host may take to finish the requests and jobs at hand before it is killed. */
export const hostGraceMs = 20_000;

/** How long the host may take to become ready; migrations of stored data run at boot. */
const readyLimitMs = 120_000;

/** A larger young generation: most of what an event makes is garbage a moment later, and copying the rest costs a tenth of the host's time. */
export const hostFlags = ['--max-semi-space-size=64', '--min-semi-space-size=16'];

const pidFileIn = (dataDir) => join(dataDir, 'host.pid');

/** Stops a host that outlived its `npm start`; it would hold the port. */
export function stopLeftoverHost({ dataDir, log }) {
  return stopLeftover({ file: pidFileIn(dataDir), name: 'host', graceMs: hostGraceMs, log });
}

/**
 * @param {{ rootDir: string, dataDir: string, env: NodeJS.ProcessEnv }} options
 * @returns {import('../servers/server-process.mjs').ServerProcess} the host, still starting; its output goes to ours
 */
export function startHost({ rootDir, dataDir, env }) {
  return spawnServer({
    name: 'the host',
    command: process.execPath,
    args: [...hostFlags, join(rootDir, 'apps/host/dist/main.js')],
    pidFile: pidFileIn(dataDir),
    cwd: rootDir,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/**
 * Waits until `GET /health/ready` answers 200.
 * @param {{ baseUrl: string, signal: AbortSignal, limitMs?: number }} options the signal ends the waiting, also when the host has ended
 * @throws {OperatorError} when it stays unready for limitMs
 */
export async function untilReady({ baseUrl, signal, limitMs = readyLimitMs }) {
  const deadline = Date.now() + limitMs;
  let lastAnswer = 'no answer';
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${baseUrl}/health/ready`, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
      const body = await response.text();
      if (response.ok) return;
      lastAnswer = `${response.status} ${body.slice(0, 300)}`;
    } catch {
      // Not listening yet.
    }
    await delay(50, undefined, { signal });
  }
  throw new OperatorError(`the host was not ready within ${limitMs / 1000} s; /health/ready said: ${lastAnswer}`);
}
