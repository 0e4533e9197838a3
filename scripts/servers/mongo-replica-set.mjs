import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';

/** The name of the one-node replica set; transactions and change streams exist in a replica set only. */
export const replicaSetName = 'rs0';

/** Asks a server for its process id, and for as little besides as may be. */
const processId = { serverStatus: 1, metrics: 0, wiredTiger: 0, repl: 0, locks: 0, tcmalloc: 0, opLatencies: 0 };

/**
 * Waits until a mongod takes writes, and makes it a replica set of one on its first start.
 * @param {{ port: number, pid: number, waitsForJournal: boolean, signal: AbortSignal }} options pid: of that mongod; another one that answers in its place is left alone;
 *   waitsForJournal: of a replica set that is made, whether a write of the majority is acknowledged only when it is on the disk;
 *   the signal ends the waiting, also when mongod itself has ended
 */
export async function waitForPrimary({ port, pid, waitsForJournal, signal }) {
  const client = new (loadDriver().MongoClient)(`mongodb://127.0.0.1:${port}/?directConnection=true`, { serverSelectionTimeoutMS: 250 });
  try {
    const admin = client.db('admin');
    await untilConnected(client, signal);
    // Whoever else got the port keeps it: ours finds that out in a moment, and ends.
    while (Number((await admin.command(processId)).pid) !== pid) await delay(25, undefined, { signal });
    await ensureMember(admin, `127.0.0.1:${port}`, waitsForJournal);
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) await delay(10, undefined, { signal });
  } finally {
    await client.close();
  }
}

async function untilConnected(client, signal) {
  for (;;) {
    try {
      // Connecting by hand: a client whose first, implicit connect failed never tries again.
      return await client.connect();
    } catch {
      // Not listening yet; when mongod has ended instead, the signal says so.
      await delay(25, undefined, { signal });
    }
  }
}

async function ensureMember(admin, host, waitsForJournal) {
  const members = [{ _id: 0, host }];
  try {
    const { config } = await admin.command({ replSetGetConfig: 1 });
    if (config.members[0].host === host) return;
    // The data was last served on another port. A member that does not find itself in the configuration never becomes primary.
    await admin.command({ replSetReconfig: { ...config, members, version: config.version + 1 }, force: true });
  } catch (error) {
    if (error.codeName !== 'NotYetInitialized') throw error;
    await admin.command({ replSetInitiate: { _id: replicaSetName, members, writeConcernMajorityJournalDefault: waitsForJournal } });
  }
}

/** The driver is a dependency of mongodb-memory-server, and npm is free to put it anywhere that package can see. */
function loadDriver() {
  return createRequire(import.meta.resolve('mongodb-memory-server-core'))('mongodb');
}
