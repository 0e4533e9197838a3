import { repairOf, type CopyDecision } from '@firsthand/domain';
import type { FindingRow, ReconcileRow } from './reconcile-rows.js';

/** A finding as it begins: what the reconcile is to do about what it finds was said with it, or waits for a person. */
export function decidedFor({ repair }: Pick<ReconcileRow, 'repair'>, found: Omit<FindingRow, 'state' | 'decision' | 'repair' | 'at' | 'decidedAt'>, now: number): FindingRow {
  const row: FindingRow = { ...found, state: repair === 'ask' ? 'open' : 'reported', decision: null, repair: null, at: now, decidedAt: null };
  return repair === 'ask' || repair === 'none' ? row : decideFinding(row, repair, now);
}

/** A finding with a decision on it, and what that comes to. */
export function decideFinding(row: FindingRow, decision: CopyDecision, now: number): FindingRow {
  return { ...row, state: 'decided', decision, repair: repairOf(row, decision), decidedAt: now };
}
