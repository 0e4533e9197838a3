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
  /** Where what is kept begins: all changes after this number are there. */
  oldest(workspaceId: string): Promise<number>;
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
