import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPortFree } from '../../scripts/servers/ports.mjs';
import { startMongo } from '../../scripts/servers/start-mongo.mjs';
import { startValkey } from '../../scripts/servers/start-valkey.mjs';
import { startOwnValkey } from '../support/own-server.js';
import { freePort, testEnvironment } from '../support/start-host.js';
import { until } from '../support/until.js';

const MAIN = fileURLToPath(new URL('../../apps/host/dist/main.js', import.meta.url));

it.each([
  ['MONGODB_URI', 'MongoDB', (port: number) => `mongodb://root:hunter2@127.0.0.1:${port}/firsthand?replicaSet=rs0`],
  ['REDIS_URL', 'Valkey', (port: number) => `redis://:hunter2@127.0.0.1:${port}`],
])('a host that does not reach the server of %s says so on one line, and ends', async (variable, server, addressAt) => {
  const env = await testEnvironment(`test_${randomUUID().slice(0, 8)}`, { [variable]: addressAt(await freePort()) });
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8', timeout: 30_000 });
  expect(stderr).toBe(`firsthand: SERVER_UNREACHABLE: ${server} does not answer at the address in ${variable}. Start the server, or correct the variable that the message names.\n`);
  expect([status, stdout]).toEqual([1, '']);
});

it('a host whose MongoDB is a single server says how to make a replica set of it, and ends', async () => {
  const [dir, port] = [mkdtempSync(join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), 'single-')), await freePort()];
  const mongod = spawn(process.env.FIRSTHAND_MONGOD ?? '', ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dir, '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'], { stdio: 'ignore' });
  const env = await testEnvironment(`test_${randomUUID().slice(0, 8)}`, { MONGODB_URI: `mongodb://127.0.0.1:${port}/firsthand` });
  await until(() => isPortFree(port, '127.0.0.1'), (isFree) => !isFree);
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8', timeout: 40_000 });
  mongod.kill();
  await once(mongod, 'exit');
  rmSync(dir, { recursive: true, force: true });
  expect(stderr).toBe('firsthand: NOT_A_REPLICA_SET: The server at MONGODB_URI is not part of a replica set. '
    + 'Start mongod with --replSet rs0, run rs.initiate() in mongosh once, and name the set in MONGODB_URI: ?replicaSet=rs0.\n');
  expect([status, stdout]).toEqual([1, '']);
});

it('a host whose port is taken says so on one line, and ends', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const env = await testEnvironment(`test_${randomUUID().slice(0, 8)}`, { PORT: String(port) });
  const { status, stderr } = spawnSync(process.execPath, [MAIN], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8', timeout: 40_000 });
  holder.close();
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(`firsthand: CANNOT_LISTEN: Port ${port} is in use. Stop the program that holds the port, or correct HOST and PORT.`);
  expect(status).toBe(1);
});

it('a host whose Valkey may evict keys says so on one line, and ends', async () => {
  const valkey = await startOwnValkey('allkeys-lru');
  const env = await testEnvironment(`test_${randomUUID().slice(0, 8)}`, { REDIS_URL: valkey.url });
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8', timeout: 30_000 });
  await valkey.remove();
  expect(stderr).toBe('firsthand: EVICTING_QUEUE: Its maxmemory-policy is allkeys-lru. Set maxmemory-policy to noeviction.\n');
  expect([status, stdout]).toEqual([1, '']);
});

it.each([
  ['FIRSTHAND_MONGOD', startMongo, { cacheSizeGB: 0.25 }],
  ['FIRSTHAND_VALKEY', startValkey, {}],
])('servers of %s that start at once on one port each get one of their own', async (program, startServer, more) => {
  const [dir, port] = [mkdtempSync(join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), 'at-once-')), await freePort()];
  const start = (name: string) => startServer({ binary: process.env[program] ?? '', dataDir: join(dir, name), port, log: () => undefined, ...more });
  const first = start('first');
  // It has chosen the port, and does not listen yet: the others choose the same.
  while (!existsSync(join(dir, 'first', 'pid'))) await new Promise((resolve) => void setImmediate(resolve));
  const started = await Promise.all([first, start('second'), start('third')]);
  await Promise.all(started.map(({ server }) => server.stop({ graceMs: 15_000 })));
  rmSync(dir, { recursive: true, force: true });
  expect(new Set(started.map((one) => one.port)).size).toBe(3);
  expect(new Set(started.map(({ server }) => server.pid)).size).toBe(3);
});
