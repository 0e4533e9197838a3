import { randomUUID } from 'node:crypto';
import { connectStore, migrate, type ConnectedStore } from '@firsthand/persistence';

const quietLog = { info: () => undefined, warn: () => undefined };

/** Databases of this spec file that no world is in at the moment. Making one takes a second, emptying one a few milliseconds. */
const free: string[] = [];

/** A store on an empty database, over a connection of its own: what a former world left running has lost its connection, and writes nothing into this one. */
export async function openEmptyStore(): Promise<ConnectedStore> {
  const used = free.pop();
  const databaseName = used ?? `pipeline_${randomUUID().slice(0, 8)}`;
  const store = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName, log: quietLog });
  if (used === undefined) await migrate(store.connection);
  else await empty(store);
  return store;
}

/** Leaves the database to the file's next world. */
export async function closeStore(store: ConnectedStore): Promise<void> {
  const { name } = store.connection;
  await store.close();
  free.push(name);
}

/** The documents alone: collections, indexes and the version of the schema stay. */
async function empty({ connection }: ConnectedStore): Promise<void> {
  const db = connection.getClient().db(connection.name);
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name as string);
  await Promise.all(names.filter((name) => name !== 'schema' && !name.startsWith('system.')).map((name) => db.collection(name).deleteMany({})));
}

afterAll(async () => {
  for (const databaseName of free.splice(0)) {
    const store = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName, log: quietLog });
    await store.connection.dropDatabase();
    await store.close();
  }
});
