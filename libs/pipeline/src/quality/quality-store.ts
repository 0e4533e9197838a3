import type { QualityBucket } from '@firsthand/domain';
import type { QualityAlertRow, QualityPlace, QualityResultRow, QualityState } from './quality-rows.js';

/** What a verdict moves, written as one. */
export interface QualityMove {
  /** As it is now, its revision as it was read; null where it has not moved. */
  state: QualityState | null;
  result: QualityResultRow | null;
  alert: QualityAlertRow | null;
}

/** What is counted, known and told of expectations. */
export interface QualityStore {
  /** Adds up rows of batches, a part at a time, in one transaction that deletes them. Gives how many; 0 when none is left. */
  compact(workspaceId: string): Promise<number>;
  findStates(workspaceId: string): Promise<QualityState[]>;
  /** The counts of a place within these hours, each named by its start. */
  findBuckets(place: QualityPlace, hours: readonly number[]): Promise<QualityBucket[]>;
  /** A state that is not there yet; one that is there stays. */
  insertState(state: QualityState): Promise<void>;
  /** State, result and alert together. Throws FenceLost when somebody else has moved the state since it was read. */
  save(move: QualityMove): Promise<void>;
  /** Ends a state, and tells of it where an alert is given. Throws FenceLost as {@link save} does. */
  removeState(state: QualityState, alert: QualityAlertRow | null): Promise<void>;
  /** Alerts that are due, the oldest first. */
  findDueAlerts(workspaceId: string, now: number): Promise<QualityAlertRow[]>;
  /** Notes what came of a try. */
  settleAlert(row: Pick<QualityAlertRow, 'alertId' | 'attempt' | 'dueAt' | 'end'>): Promise<void>;
}
