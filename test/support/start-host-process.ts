import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { testEnvironment } from './start-host.js';

const MAIN = fileURLToPath(new URL('../../apps/host/dist/main.js', import.meta.url));
/** On a machine that has much else to do, loading the host alone takes half a minute. */
const READY_WITHIN_MS = 90_000;

/** A built host in a process of its own, for tests that kill it. */
export interface HostProcess {
  url: string;
  databaseName: string;
  child: ChildProcess;
  /** Everything it has written so far. */
  output(): string;
  /** Sends the signal and gives how the process ended. */
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Starts `apps/host/dist/main.js`, or that of a copy, and waits until it is ready. The caller ends it with `kill`, and drops the database.
 *
 * @example const host = await startHostProcess({ databaseName }); await host.kill('SIGKILL');
 */
export async function startHostProcess({ databaseName = `test_${randomUUID().slice(0, 8)}`, env = {}, main = MAIN }: { databaseName?: string; env?: Record<string, string>; main?: string } = {}): Promise<HostProcess> {
  if (!existsSync(main)) throw new Error('The host is not built. Run: npm run build');
  const environment = await testEnvironment(databaseName, env);
  const child = spawn(process.execPath, [main], { env: { ...environment, PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const url = `http://127.0.0.1:${environment.PORT}`;
  const host: HostProcess = {
    url, databaseName, child,
    output: () => output,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
  await untilReady(host, ended);
  return host;
}

async function untilReady(host: HostProcess, ended: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && !hasEnded) {
    const response = await fetch(`${host.url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await delay(50);
  }
  host.child.kill('SIGKILL');
  throw new Error(`The host was not ready. It said:\n${host.output()}`);
}
