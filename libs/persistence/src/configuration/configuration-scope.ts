import type { mongo } from 'mongoose';

/** What configuration is read and written through; without a session each write is a transaction of its own. */
export interface ConfigurationScope {
  db: mongo.Db;
  session: mongo.ClientSession | undefined;
}
