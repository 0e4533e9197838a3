import type { mongo } from 'mongoose';
import type { ConfigurationKind, Configured, SnapshotKind } from './configuration-kinds.js';

/** Which part of a list. */
export interface ConfigurationPage {
  /** The id after which the page begins. */
  after?: string;
  /** At most this many; all when left out. */
  limit?: number;
  /** By id; `descending` shows the newest first where ids grow with time. */
  order?: 'ascending' | 'descending';
  /** Fields of the content (dotted paths) that must equal. */
  where?: Record<string, string | number | boolean | null>;
  /** Fields of the content that are read; all when left out. The rest of it may be large. */
  only?: readonly string[];
}

/** Configuration of one kind of thing or another. `T` is the content's type, as the caller writes and reads it. */
export interface ConfigurationRepository {
  list<T>(kind: ConfigurationKind, workspaceId: string, page?: ConfigurationPage): Promise<Configured<T>[]>;
  /** Throws FirsthandError NOT_FOUND. */
  get<T>(kind: ConfigurationKind, workspaceId: string, id: string): Promise<Configured<T>>;
  /** Version 1 of a new thing. Throws FirsthandError CONFLICT when the id, or the address of a user, is taken. */
  create<T extends object>(kind: ConfigurationKind, workspaceId: string, id: string, content: T, at: number): Promise<Configured<T>>;
  /** Replaces the content. Throws FirsthandError NOT_FOUND, VERSION_MISMATCH when it is not at `ifMatchVersion`, CONFLICT. */
  update<T extends object>(kind: ConfigurationKind, workspaceId: string, id: string, ifMatchVersion: number, content: T, at: number): Promise<Configured<T>>;
  /** Creates or replaces whatever its version: for what only one process writes, such as poll cursors. */
  put<T extends object>(kind: ConfigurationKind, workspaceId: string, id: string, content: T, at: number): Promise<Configured<T>>;
  /** Throws FirsthandError NOT_FOUND, VERSION_MISMATCH. */
  delete(kind: ConfigurationKind, workspaceId: string, id: string, ifMatchVersion: number): Promise<void>;
  /** workspaceId → configuration version, of every workspace. */
  readVersions(): Promise<Map<string, number>>;
  /** All that a snapshot is made of, read at one moment. Version 0 and empty lists for a workspace that has no configuration. */
  readAll(workspaceId: string): Promise<ConfigurationContents>;
  /**
   * Several writes as one: all or none. The work may run more than once. `session` is the transaction's own, for rows that are no configuration; a
   * repository that stores nothing has none.
   */
  transaction<R>(work: (repository: ConfigurationRepository, session: mongo.ClientSession | undefined) => Promise<R>): Promise<R>;
}

/** A workspace's configuration as stored. */
export interface ConfigurationContents {
  version: number;
  kinds: Record<SnapshotKind, Configured[]>;
}
