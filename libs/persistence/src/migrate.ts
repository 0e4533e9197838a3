import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { FirsthandError } from '@firsthand/domain';
import type { Connection, mongo } from 'mongoose';
import { MIGRATIONS, type Migration } from './migrations.js';
import { isDuplicateKey, storeFailure } from './store/store-failure.js';

const LOCK_MS = 60_000;
const POLL_MS = 100;

type SchemaRows = mongo.Collection<SchemaRow>;

interface SchemaRow {
  _id: 'schema';
  version: number;
  lockedBy: string | null;
  lockedUntil: number;
}

/**
 * Brings the database up to this version: runs the migrations that it has not had, in order. Several processes may call it at once; one works, the others wait.
 *
 * @throws FirsthandError NEWER_SCHEMA when a newer version has written this database: an older one could damage it
 * @example const { connection } = await connectStore({ uri, log }); await migrate(connection);
 */
export async function migrate(connection: Connection, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const rows = connection.getClient().db(connection.name).collection<SchemaRow>('schema');
  const holder = randomUUID();
  try {
    const version = await lock(rows, holder);
    // The lock is a lease, prolonged for as long as the work takes; building an index over old data may take long.
    const heartbeat = setInterval(() => { void prolong(rows, holder); }, LOCK_MS / 3);
    try {
      const newest = migrations.at(-1)?.version ?? 0;
      if (version > newest) throw new FirsthandError('NEWER_SCHEMA', `The database has schema ${version}, this version knows ${newest}.`);
      const done = new Set<Migration['run']>();
      for (const migration of migrations.filter((candidate) => candidate.version > version)) {
        // Of a new database everything is made at once: the same work again, step by step, would take several times as long.
        const isDone = version === 0 && (migration.isForStoredData === true || done.has(migration.run));
        if (!isDone) await migration.run(connection);
        done.add(migration.run);
        await rows.updateOne({ _id: 'schema', lockedBy: holder }, { $set: { version: migration.version } });
      }
    } finally {
      clearInterval(heartbeat);
      await rows.updateOne({ _id: 'schema', lockedBy: holder }, { $set: { lockedBy: null, lockedUntil: 0 } });
    }
  } catch (error) {
    throw storeFailure(error);
  }
}

async function lock(rows: SchemaRows, holder: string): Promise<number> {
  for (;;) {
    const now = Date.now();
    try {
      const row = await rows.findOneAndUpdate(
        { _id: 'schema', lockedUntil: { $lte: now } },
        { $set: { lockedBy: holder, lockedUntil: now + LOCK_MS }, $setOnInsert: { version: 0 } },
        { upsert: true, returnDocument: 'after' },
      );
      if (row) return row.version;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    await delay(POLL_MS);
  }
}

async function prolong(rows: SchemaRows, holder: string): Promise<void> {
  // A beat that fails is made good by the next one, twice before the lease ends.
  await rows.updateOne({ _id: 'schema', lockedBy: holder }, { $set: { lockedUntil: Date.now() + LOCK_MS } }).catch(() => undefined);
}
