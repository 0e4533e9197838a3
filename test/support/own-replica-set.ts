import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { freePort } from './start-host.js';

/** A replica set of three that a spec may take the primary from. */
export interface OwnReplicaSet {
  url: string;
  /** Has the primary step down; it stays a member. */
  stepDown(): Promise<void>;
  /** Kills the primary at once, as in a crash. */
  killPrimary(): Promise<void>;
  /** Starts what was killed, on the data that the crash left. */
  restart(): Promise<void>;
  /** Resolves when a member other than the last primary takes writes. */
  untilElected(): Promise<void>;
  remove(): Promise<void>;
}

/** Of a primary that is silent; MongoDB's own default is 10 s. */
const ELECTION_TIMEOUT_MS = 3_000;
const STEPPED_DOWN_S = 30;
/** MongoDB's error code. */
const ALREADY_INITIALIZED = 23;
const INITIATE_ATTEMPTS = 20;

interface Member {
  port: number;
  dir: string;
  child: ChildProcess | null;
}

/** Starts three members from `FIRSTHAND_MONGOD` and waits for their first primary. @throws what MongoDB says when it cannot be initiated in 20 attempts */
export async function startOwnReplicaSet(): Promise<OwnReplicaSet> {
  const binary = process.env.FIRSTHAND_MONGOD;
  if (!binary) throw new Error('FIRSTHAND_MONGOD is not set: run the specs with npm test');
  const root = mkdtempSync(join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), 'own-replica-set-'));
  const members: Member[] = [];
  for (const name of ['a', 'b', 'c']) {
    const dir = join(root, name);
    mkdirSync(dir);
    members.push({ port: await freePort(), dir, child: null });
  }
  const start = (member: Member): void => {
    const args = ['--replSet', 'rs0', '--bind_ip', '127.0.0.1', '--port', String(member.port), '--dbpath', member.dir, '--noscripting', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25',
      '--setParameter', 'transactionLifetimeLimitSeconds=8'];
    member.child = spawn(binary, args, { stdio: 'ignore' });
  };
  members.forEach(start);
  await Promise.all(members.map(({ port }) => untilAnswers(port)));
  await initiate((members[0] as Member).port, {
    _id: 'rs0', settings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS }, members: members.map(({ port }, _id) => ({ _id, host: `127.0.0.1:${port}` })),
  });
  let last: Member | null = null;

  async function primary(): Promise<Member> {
    for (;;) {
      for (const member of members) if (member !== last && member.child !== null && (await isPrimary(member.port))) return member;
      await delay(50);
    }
  }

  await primary();
  return {
    url: `mongodb://${members.map(({ port }) => `127.0.0.1:${port}`).join(',')}/?replicaSet=rs0`,
    async stepDown() {
      last = null;
      last = await primary();
      // The member may close the connection that asked.
      await asked(last.port, { replSetStepDown: STEPPED_DOWN_S, secondaryCatchUpPeriodSecs: 10 }).catch(() => undefined);
    },
    async killPrimary() {
      last = null;
      last = await primary();
      await end(last);
    },
    async restart() {
      for (const member of members) if (member.child === null) start(member);
      await Promise.all(members.map(({ port }) => untilAnswers(port)));
    },
    async untilElected() { await primary(); },
    async remove() {
      await Promise.all(members.map(end));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function end(member: Member): Promise<void> {
  const { child } = member;
  member.child = null;
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** A member that answers a ping may still be too busy to tell that it is itself, or to answer the others' question for a quorum: it is asked again. */
async function initiate(port: number, configuration: Record<string, unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await asked(port, { replSetInitiate: configuration });
      return;
    } catch (error) {
      if (error instanceof mongoose.mongo.MongoServerError && error.code === ALREADY_INITIALIZED) return;
      if (attempt === INITIATE_ATTEMPTS) throw error;
      await delay(500);
    }
  }
}

async function asked(port: number, command: Record<string, unknown>): Promise<Record<string, unknown>> {
  const connection = mongoose.createConnection(`mongodb://127.0.0.1:${port}/?directConnection=true`, { serverSelectionTimeoutMS: 500 });
  try {
    await connection.asPromise();
    return await connection.getClient().db('admin').command(command);
  } finally {
    await connection.destroy();
  }
}

function isPrimary(port: number): Promise<boolean> {
  return asked(port, { hello: 1 }).then(({ isWritablePrimary }) => isWritablePrimary === true, () => false);
}

async function untilAnswers(port: number): Promise<void> {
  while (!(await asked(port, { ping: 1 }).then(() => true, () => false))) await delay(50);
}
