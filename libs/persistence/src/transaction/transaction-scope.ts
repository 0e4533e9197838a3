import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';

/** What the rows of one transaction are read and written through. */
export interface TransactionScope {
  collections: Collections;
  session: mongo.ClientSession;
  /** How long raw records are kept from their receipt, in ms. */
  rawRetentionMs: number;
}
