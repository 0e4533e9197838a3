import type { OperatorDays, RetentionRow, WorkspaceConfiguration } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';

/** What a part of a sweep works with: all in one transaction. */
export interface RetentionScope {
  collections: Collections;
  session: mongo.ClientSession;
  row: RetentionRow;
  configuration: WorkspaceConfiguration;
  days: OperatorDays;
  /** Epoch ms. */
  now: number;
}

/** How far a part came. */
export interface RetentionPart {
  /** What → how many went by it. */
  counts?: Record<string, number>;
  /** Where the next part goes on; null when the step is done. */
  next: string | null;
}
