import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';

/** What the rows of one transaction are read and written through. */
export interface TransactionScope {
  db: mongo.Db;
  collections: Collections;
  session: mongo.ClientSession;
  /** For every read: in this session, and whole in one round trip (the driver's first page is 101 rows). */
  read: { session: mongo.ClientSession; batchSize: number };
  /** How long raw records are kept from their receipt, in ms. */
  rawRetentionMs: number;
}
