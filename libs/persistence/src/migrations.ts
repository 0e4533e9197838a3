import type { Connection } from 'mongoose';
import { createCollections } from './schemas/create-collections.js';

/** One step from a schema version to the next. It must be safe to run again: a crash may come before its version is written down. */
export interface Migration {
  /** Grows by one. */
  version: number;
  run(connection: Connection): Promise<void>;
}

/** All of them, in order; what was released is never changed. A new collection or index is a new entry that calls `createCollections` again. */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, run: createCollections }, { version: 2, run: createCollections }];
