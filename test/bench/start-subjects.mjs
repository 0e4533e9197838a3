import { fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { hostFlags } from '../../scripts/run/host-process.mjs';
import { pickPort } from '../../scripts/servers/ports.mjs';
import { until } from './until.mjs';

/** Starts the bare forwarder, in a process of its own as the host is. */
export async function startForwarder(sinkUrl) {
  const child = fork(new URL('forwarder.mjs', import.meta.url), { env: { ...process.env, SINK_URL: sinkUrl } });
  const { port } = await new Promise((resolve) => child.once('message', resolve));
  return { url: `http://127.0.0.1:${port}`, writeKey: 'none', stop: () => stopChild(child) };
}

/**
 * Starts the built host on a database, as `npm start` does.
 * @param {{ mongoUri: string, redisUrl: string, databaseName: string, secretKey: string, root: string, work: string, env?: Record<string, string> }} options
 */
export async function startHost({ mongoUri, redisUrl, databaseName, secretKey, root, work, env = {} }) {
  const port = await pickPort();
  const begin = performance.now();
  const child = spawn(process.execPath, [...hostFlags, join(root, 'apps/host/dist/main.js')], {
    cwd: work, stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env, NODE_ENV: 'production', PORT: String(port), MONGODB_URI: mongoUri, FIRSTHAND_DATABASE: databaseName, REDIS_URL: redisUrl, FIRSTHAND_SECRET_KEY: secretKey,
      FIRSTHAND_TOKEN_SECRET: secretKey, FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS: 'true', LOG_LEVEL: 'warn', ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}`);
    return (await fetch(`${url}/health/ready`).catch(() => ({ ok: false }))).ok;
  }, 60_000, 'the host was not ready').catch(async (error) => {
    await stopChild(child);
    throw error;
  });
  return { url, pid: child.pid, startMs: Math.round(performance.now() - begin), stop: () => stopChild(child) };
}

function stopChild(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}
