import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { Redis } from 'ioredis';

/** A server that a spec may stop, freeze and kill, apart from the one that all specs share. */
export interface OwnServer {
  url: string;
  /** It stays connected and answers nothing, as behind a broken network. */
  freeze(): Promise<void>;
  thaw(): void;
  /** At once, as in a crash. */
  kill(): Promise<void>;
  /** On the same port, with the data that the crash left. */
  restart(): Promise<void>;
  /** Kills it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts a MongoDB replica set of one from `FIRSTHAND_MONGOD`. */
export function startOwnMongo(): Promise<OwnServer> {
  const args = (port: number, dir: string) => [
    '--replSet', 'rs0', '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dir, '--noscripting', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25',
  ];
  return startOwn({ program: 'FIRSTHAND_MONGOD', args, url: (port) => `mongodb://127.0.0.1:${port}/?replicaSet=rs0`, untilReady: untilPrimary });
}

/** Starts a Valkey from `FIRSTHAND_VALKEY`, with the eviction policy given. */
export function startOwnValkey(policy = 'noeviction'): Promise<OwnServer> {
  const args = (port: number, dir: string) => ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--appendonly', 'yes', '--save', '', '--maxmemory-policy', policy];
  return startOwn({ program: 'FIRSTHAND_VALKEY', args, url: (port) => `redis://127.0.0.1:${port}`, untilReady: untilPong });
}

interface Recipe {
  program: string;
  args(port: number, dir: string): string[];
  url(port: number): string;
  untilReady(port: number): Promise<void>;
}

async function startOwn({ program, args, url, untilReady }: Recipe): Promise<OwnServer> {
  const binary = process.env[program];
  if (!binary) throw new Error(`${program} is not set: run the specs with npm test`);
  const dir = mkdtempSync(join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), 'own-server-'));
  mkdirSync(join(dir, 'data'));
  const port = await freePort();
  let child: ChildProcess;
  const start = async () => {
    child = spawn(binary, args(port, join(dir, 'data')), { stdio: 'ignore' });
    await untilReady(port);
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    url: url(port),
    async freeze() {
      child.kill('SIGSTOP');
      // The signal reaches a thread that answers at this moment a little later.
      await delay(100);
    },
    thaw: () => { child.kill('SIGCONT'); },
    kill,
    restart: start,
    async remove() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function untilPrimary(port: number): Promise<void> {
  for (;;) {
    const connection = mongoose.createConnection(`mongodb://127.0.0.1:${port}/?directConnection=true`, { serverSelectionTimeoutMS: 250 });
    try {
      await connection.asPromise();
      const admin = connection.getClient().db('admin');
      if ((await admin.command({ hello: 1 })).isWritablePrimary === true) return;
      await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
    } catch {
      // Not listening yet, or initiated already.
    } finally {
      await connection.destroy();
    }
    await delay(20);
  }
}

async function untilPong(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
}
