import type { PersonChange } from './person-change.js';

/** Changes of one transaction that have their numbers: the first of them is `last - changes.length + 1`. A change that was erased is null. */
export interface NumberedChanges {
  last: number;
  /** Epoch ms. */
  at: number;
  changes: (PersonChange | null)[];
}

/** The changes of all people of a workspace, in one order. What it gives is on a majority of the database's members: none of it is ever taken back. */
export interface ChangeLog {
  /** The number of the last change; 0 before the first. */
  last(workspaceId: string): Promise<number>;
  /**
   * Where what is kept goes on after a number: the next change that is there is the one after it. Changes may be missing in the middle, with older ones kept still, where they were kept for longer before.
   *
   * @param after left out: of all that is kept
   */
  oldest(workspaceId: string, after?: number): Promise<number>;
  /**
   * Transactions with changes after a number, in order and without a hole; none where the first of them is kept no longer, or where there is none.
   *
   * @param limit of transactions
   * @param enough of changes: no further transaction is read when there are so many; all within the limit when left out
   */
  read(workspaceId: string, after: number, limit: number, enough?: number): Promise<NumberedChanges[]>;
}

/** A block that has no numbers yet. */
export interface OpenChangeBlock {
  blockId: string;
  /** How many changes are in it. */
  count: number;
}
