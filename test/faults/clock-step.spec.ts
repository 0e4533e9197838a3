import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { connectStore, createConfigurationRepository, type ConnectedStore } from '@firsthand/persistence';
import { createSeed } from '../support/seed.js';
import { testEnvironment } from '../support/start-host.js';
import { startHostProcess, type HostProcess } from '../support/start-host-process.js';
import { untilKnown } from '../support/until-known.js';
import { until } from '../support/until.js';

const MAIN = fileURLToPath(new URL('../../apps/host/dist/main.js', import.meta.url));
/** A clock that is a minute ahead; SIGUSR2 puts it right and wrong again. */
const WRONG_CLOCK = `let aheadMs = Number(process.env.CLOCK_AHEAD_MS); const { now } = Date; Date.now = () => now() + aheadMs; process.on('SIGUSR2', () => { aheadMs = 60_000 - aheadMs; });`;
const withClock = (aheadMs: number): Record<string, string> => ({ NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(WRONG_CLOCK)}"`, CLOCK_AHEAD_MS: String(aheadMs) });
const databaseName = `test_${randomUUID().slice(0, 8)}`;
let host: HostProcess | undefined;
let store: ConnectedStore | undefined;

afterAll(async () => {
  await host?.kill('SIGKILL');
  await store?.connection.dropDatabase();
  await store?.close();
});

it('a host whose clock is not MongoDB’s says so on one line, and ends', async () => {
  const env = await testEnvironment(databaseName, withClock(60_000));
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8', timeout: 60_000 });
  expect(stderr).toBe('firsthand: CLOCK_OUT_OF_STEP: This machine\'s clock is 60.0 s ahead of MongoDB\'s. Keep the clocks of all machines in step (NTP: chrony or systemd-timesyncd); the work goes on by itself once they are.\n');
  expect([status, stdout]).toEqual([1, '']);
});

it('one whose clock is put wrong takes nothing in until it is put right', async () => {
  const env = { ...withClock(0), LOG_LEVEL: 'error' };
  const running = host = await startHostProcess({ databaseName, env });
  store = await connectStore({ uri: process.env.MONGODB_URI ?? '', databaseName, log: { info: () => undefined, warn: () => undefined } });
  const secretKey = Buffer.from((await testEnvironment(databaseName)).FIRSTHAND_SECRET_KEY ?? '', 'base64');
  const { writeKey } = await createSeed({ repository: createConfigurationRepository(store.connection), refresh: () => Promise.resolve(), workspaceId: 'main', secretKey }).source({ pluginId: 'web', capability: 'events' });
  await untilKnown(running.url, writeKey);
  const track = (messageId: string): Promise<number> => fetch(`${running.url}/v1/track`, {
    method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ event: 'Product Viewed', userId: 'u', messageId }),
  }).then(({ status }) => status);
  const ready = (): Promise<number> => fetch(`${running.url}/health/ready`).then(({ status }) => status);
  expect([await track('before'), await ready()]).toEqual([200, 200]);

  running.child.kill('SIGUSR2');
  expect(await until(() => track('apart'), (status) => status !== 200)).toBe(503);
  expect(await ready()).toBe(503);
  expect(await (await fetch(`${running.url}/metrics`)).text()).toMatch(/^firsthand_clock_offset_seconds -(60|59\.9\d*)/m);
  expect(running.output()).toContain('This machine\'s clock is 60.0 s ahead of MongoDB\'s.');

  running.child.kill('SIGUSR2');
  expect(await until(() => track('after'), (status) => status !== 503)).toBe(200);
  expect(await ready()).toBe(200);
});
