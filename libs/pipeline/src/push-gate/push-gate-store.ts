import type { PushFigures } from '@firsthand/domain';
import type { PushGateRow, PushPlace } from './push-gate-row.js';

/** What a segment is like, asked of the store outside of a transaction: it goes over all of its members. */
export interface PushGateStore {
  /** Gates with which a worker goes on, the longest due first. */
  findDueGates(now: number, limit: number): Promise<PushGateRow[]>;
  /** The members of a segment, how many of them lack what, and when any of them last did something. Paths are `profile.<field>` and `identities.<namespace>`. */
  measure(segment: Pick<PushPlace, 'workspaceId' | 'segmentId'>, paths: readonly string[]): Promise<Omit<PushFigures, 'at'>>;
  /** The sizes that were noted of a segment since a time, and the last one of before; the oldest first. */
  listSizes(segment: Pick<PushPlace, 'workspaceId' | 'segmentId'>, since: number): Promise<{ at: number; size: number }[]>;
  /** How many people the recipient has, or may have, over a segment. */
  countConfirmed(place: PushPlace): Promise<number>;
}
