import { randomUUID } from 'node:crypto';
import { connectStore, migrate, type ConnectedStore } from '@firsthand/persistence';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { FREE_DATABASES } from '../../scripts/testing/drop-databases.mjs';

const quietLog = { info: () => undefined, warn: () => undefined };

/**
 * The name of a database without documents: one that another spec is done with, of whatever process, else a new one. Making collections and indexes takes a second of a core, emptying a few milliseconds.
 * Whoever takes one gives it back by {@link giveBackDatabase}, or drops it.
 */
export async function takeEmptyDatabase(): Promise<string> {
  const used = await withClient((client) => client.db(FREE_DATABASES).collection<{ _id: string }>('free').findOneAndDelete({}));
  return used?._id ?? `test_${randomUUID().slice(0, 8)}`;
}

/** Empties a database, forgets what Valkey has of it, and leaves it to the next spec. Nobody may be at work on it any more, nor may its collections or indexes be other ones than a migration makes. */
export async function giveBackDatabase(name: string): Promise<void> {
  await forgetInValkey(name);
  await withClient(async (client) => {
    await deleteDocuments(client.db(name));
    await client.db(FREE_DATABASES).collection<{ _id: string }>('free').insertOne({ _id: name });
  });
}

/** Deletes all documents of a migrated database but what says that it is one. */
export async function deleteDocuments(db: mongoose.mongo.Db): Promise<void> {
  await Promise.all((await filledCollections(db)).map((name) => db.collection(name).deleteMany({})));
}

/** Those with documents, a few of eighty, all asked by one command. */
async function filledCollections(db: mongoose.mongo.Db): Promise<string[]> {
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).filter((name) => name !== 'schema' && !name.startsWith('system.'));
  const nameIfFilled = (name: string): object[] => [{ $limit: 1 }, { $project: { _id: 0, name: { $literal: name } } }];
  const filled = db.collection('schema').aggregate<{ name: string }>([{ $match: { _id: { $in: [] } } }, ...names.map((coll) => ({ $unionWith: { coll, pipeline: nameIfFilled(coll) } }))]);
  return (await filled.toArray()).map(({ name }) => name);
}

/** A store on an empty database, over a connection of its own: what a former world left running has lost its connection, and writes nothing into this one. */
export async function openEmptyStore(): Promise<ConnectedStore> {
  const store = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName: await takeEmptyDatabase(), log: quietLog });
  await migrate(store.connection);
  return store;
}

/** Ends a store of {@link openEmptyStore}, and leaves its database to the next spec. */
export async function closeStore(store: ConnectedStore): Promise<void> {
  await store.close();
  await giveBackDatabase(store.connection.name);
}

/** Emptying all collections at once would open a connection for each. */
async function withClient<T>(work: (client: mongoose.mongo.MongoClient) => Promise<T>): Promise<T> {
  const client = await mongoose.mongo.MongoClient.connect(process.env.MONGODB_URI as string, { maxPoolSize: 4 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Doorbells and tokens of hosts that are gone. */
async function forgetInValkey(databaseName: string): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL as string);
  try {
    for await (const keys of redis.scanStream({ match: `firsthand-${databaseName}:*`, count: 1_000 }) as AsyncIterable<string[]>) if (keys.length > 0) await redis.unlink(...keys);
  } finally {
    redis.disconnect();
  }
}
