import type { CopyDecision, CopyRepair } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';
import type { FindingRow, ReconcileLease, ReconcileRow, SeenCopy } from './reconcile-rows.js';

/** What a transaction of a reconcile reads and writes besides all else. */
export interface ReconcileTransaction {
  /** Writes down how far it came, and keeps the lease. Throws FenceLost when another has it, or when it has ended. */
  writeReconcile(lease: ReconcileLease, row: ReconcileRow, until: number): Promise<void>;
  /** Inserts findings, or writes those over that a page found before. */
  writeFindings(rows: readonly FindingRow[]): Promise<void>;
  /** profileId → by which record it was seen. */
  findSeen(reconcileId: string, profileIds: readonly string[]): Promise<Map<string, string>>;
  markSeen(row: Pick<ReconcileRow, 'reconcileId' | 'workspaceId'>, seen: readonly SeenCopy[], now: number): Promise<void>;
  /** Findings that were decided and wait for one of these repairs, behind an id, in the order of their ids. */
  findDecided(reconcileId: string, repairs: readonly CopyRepair[], after: string | null, limit: number): Promise<FindingRow[]>;
  /** Of these the decided ones. */
  findDecidedById(findingIds: readonly string[]): Promise<FindingRow[]>;
}

/** Which findings of a reconcile are decided on: some by their ids, or all that wait; of one kind where it is named. */
export interface FindingSelection {
  findingIds?: readonly string[] | undefined;
  kind?: FindingRow['kind'] | undefined;
}

/** Reconciles, their leases and findings. */
export interface ReconcileStore {
  /** Begins one; false where one of the connection is under way, or this very one was begun before. */
  begin(row: ReconcileRow): Promise<boolean>;
  /** Takes the longest due one that nobody has, or one's own; null for none. */
  claim(options: { now: number; until: number; holder: string }): Promise<ReconcileLease | null>;
  /** Gives it back, to be gone on with at `dueAt`. One that was taken over or has ended is left as it is. */
  release(lease: ReconcileLease, dueAt: number): Promise<void>;
  /** Ends one where it stands; undefined where it has ended. */
  cancel(reconcileId: string, now: number): Promise<ReconcileRow | undefined>;
  /**
   * Decides on findings that wait, and has their repairs done. Gives how many.
   *
   * @throws FirsthandError `CONFLICT` while a reconcile of the connection is under way
   */
  decide(row: Pick<ReconcileRow, 'reconcileId' | 'workspaceId' | 'connectionId'>, selection: FindingSelection, decision: CopyDecision, now: number): Promise<number>;
  /** Notes that findings which wait for these repairs are so no more. Gives how many. */
  outdate(reconcileId: string, repairs: readonly CopyRepair[], now: number): Promise<number>;
  /** Whether findings wait for one of these repairs. */
  hasDecided(reconcileId: string, repairs: readonly CopyRepair[]): Promise<boolean>;
  /** Removes some marks of who was seen. True when none is left. */
  clearSeen(reconcileId: string): Promise<boolean>;
  /** As the pipeline's own transaction. */
  transaction<T>(work: (tx: StoreTransaction & ReconcileTransaction) => Promise<T>): Promise<T>;
}
