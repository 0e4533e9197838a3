import type { ErasureRow } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { DataSubject } from '../person-data/data-subject.js';
import type { Collections } from '../store/collections.js';

/** What a part of a removal works with: all in one transaction. */
export interface RemovalScope {
  db: mongo.Db;
  collections: Collections;
  session: mongo.ClientSession;
  row: ErasureRow;
  subject: DataSubject;
  /** Epoch ms. */
  now: number;
}

/** How far a part came. */
export interface RemovalPart {
  /** Collection → how many rows went or were emptied by it. */
  counts?: Record<string, number>;
  /** Rows that were kept under holds, by category. */
  held?: ErasureRow['held'];
  /** Where the next part goes on; null when the step is done. */
  next: string | null;
  /** How long to leave it to somebody else first. */
  waitMs?: number;
}

/** The ids of a workspace's rows after one of them. */
export function idsAfter(workspaceId: string, after: string): { $gt: string; $lt: string } {
  return { $gt: after === '' ? `${workspaceId}|` : after, $lt: `${workspaceId}}` };
}
