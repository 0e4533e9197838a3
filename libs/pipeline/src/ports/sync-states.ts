import type { StoppedField, SyncCopy } from '@firsthand/domain';

/** What is known of a person's copy at the system that a destination connection writes to. */
export interface SyncStateRow extends SyncCopy {
  workspaceId: string;
  connectionId: string;
  profileId: string;
}

/** A field of a person that is not written any more, since its value goes to and fro. */
export interface StoppedSync extends Pick<StoppedField, 'since' | 'ruleId' | 'between'> {
  /** The connection that is not written to. */
  connectionId: string;
  profileId: string;
  /** Canonical name of the field, e.g. `phone`. */
  field: string;
}

/** A field that a rule does not write any more, between the same two, and of how many people. */
export interface StoppedGroup extends Pick<StoppedSync, 'ruleId' | 'connectionId' | 'field' | 'between'> {
  people: number;
  /** Of so many of them nobody was told. */
  untold: number;
  /** When somebody was told of any of them last, epoch ms; null where nobody was. */
  toldAt: number | null;
}

/** What sync rules know, for people who look after them. */
export interface SyncStates {
  /**
   * Fields that are stopped, of one rule where it is given.
   *
   * @param cursor where a page ended; null for the first
   * @returns about `limit` (100 when left out) of them; `next` is null after the last page
   */
  stopped(workspaceId: string, ruleId?: string, cursor?: string | null, limit?: number): Promise<{ stopped: StoppedSync[]; next: string | null }>;
  /** The same, counted: of one rule or one connection where it is given. */
  countStopped(workspaceId: string, of?: Partial<Pick<StoppedSync, 'ruleId' | 'connectionId'>>): Promise<StoppedGroup[]>;
  /** Notes that somebody was told of all that is stopped of these groups. */
  markTold(workspaceId: string, groups: readonly StoppedGroup[], at: number): Promise<void>;
  /** Lets a field be written again. Gives whether it was stopped; who calls it has the rule run for the person. */
  release(workspaceId: string, connectionId: string, profileId: string, field: string): Promise<boolean>;
}
