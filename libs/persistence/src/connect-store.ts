import type { Store } from '@firsthand/pipeline';
import mongoose, { type Connection } from 'mongoose';
import { collectionsOf, type Collections } from './store/collections.js';
import { createMongoInbox } from './store/mongo-inbox.js';
import { createMongoLanes } from './store/mongo-lanes.js';
import { storeFailure } from './store/store-failure.js';
import { withStoreFailures } from './store/with-store-failures.js';
import { withinLimit } from './store/within-limit.js';
import { readStoreSnapshot, runStoreTransaction, type StorePlace } from './transaction/mongo-transaction.js';
import { createMongoSyncStates } from './store/mongo-sync-states.js';

const DAY_MS = 86_400_000;
const ASK_TIMEOUT_MS = 2_000;

/** Where the store writes what an operator should know; pino's loggers fit. Fields hold no personal data. */
export interface StoreLog {
  info(fields: Record<string, string | number>, message: string): void;
  warn(fields: Record<string, string | number>, message: string): void;
}

/** An open store. */
export interface ConnectedStore {
  store: Store;
  connection: Connection;
  collections: Collections;
  /** The primary's clock, in milliseconds since the epoch, within 2 s. Throws FirsthandError UNAVAILABLE. */
  serverTime(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Connects to a MongoDB replica set. Run {@link migrate} before the first use.
 *
 * @param options.databaseName overrides the one in `uri`; without both, `firsthand`
 * @param options.rawRetentionDays how long the raw record of an event is kept from its receipt; 30 when left out
 * @throws FirsthandError UNAVAILABLE when no primary answers within 3 s
 * @example const { store, close } = await connectStore({ uri: 'mongodb://127.0.0.1:27017/firsthand?replicaSet=rs0', log });
 */
export async function connectStore({ uri, databaseName, log, rawRetentionDays = 30 }: {
  uri: string;
  databaseName?: string;
  log: StoreLog;
  rawRetentionDays?: number;
}): Promise<ConnectedStore> {
  const connection = mongoose.createConnection(uri, {
    ...(databaseName === undefined && hasDatabase(uri) ? {} : { dbName: databaseName ?? 'firsthand' }),
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    // A caller has to know within 5 s that nothing can be stored.
    serverSelectionTimeoutMS: 3_000,
    connectTimeoutMS: 3_000,
    // A primary that answers no more is found out within these and the three seconds above.
    heartbeatFrequencyMS: 3_000,
    // A server that hangs must not hang the workers for ever.
    socketTimeoutMS: 30_000,
    ignoreUndefined: true,
    writeConcern: { w: 'majority' },
    maxPoolSize: 50,
    appName: 'firsthand',
  });
  const stopReporting = reportOutages(connection, log);
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.destroy().catch(() => undefined);
    throw storeFailure(error);
  }
  const collections = collectionsOf(connection);
  const client = connection.getClient();
  const db = client.db(connection.name);
  const place: StorePlace = { client, db, collections, rawRetentionMs: rawRetentionDays * DAY_MS };
  return {
    store: {
      inbox: withStoreFailures(createMongoInbox(collections.inbox)),
      ...withStoreFailures(createMongoLanes(collections)),
      syncs: withStoreFailures(createMongoSyncStates(collections)),
      transaction: (work) => runStoreTransaction(place, work),
      snapshot: (work) => readStoreSnapshot(place, work),
    },
    connection,
    collections,
    async serverTime() {
      const { localTime } = await withinLimit(ASK_TIMEOUT_MS, client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })).catch((error: unknown) => { throw storeFailure(error); });
      return (localTime as Date).getTime();
    },
    async close() {
      stopReporting();
      await connection.destroy();
    },
  };
}

function hasDatabase(uri: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(uri);
}

/** One line when MongoDB goes and one when it is back, whatever happens in between. */
function reportOutages(connection: Connection, log: StoreLog): () => void {
  let isAway = false;
  const away = () => {
    if (!isAway) log.warn({}, 'MongoDB does not answer');
    isAway = true;
  };
  const back = () => {
    if (isAway) log.info({}, 'MongoDB answers again');
    isAway = false;
  };
  connection.on('disconnected', away).on('connected', back);
  // Without a listener an error event ends the process; the operations that fail tell their callers.
  connection.on('error', () => undefined);
  return () => { connection.off('disconnected', away).off('connected', back); };
}
