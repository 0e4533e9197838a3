import type { BalanceVerdict } from '@firsthand/domain';

/** Whether the books of a workspace close for every connection and minute of a day. */
export interface BalanceReportRow extends BalanceVerdict {
  workspaceId: string;
  /** In UTC, `2026-11-28`. */
  day: string;
  /** When it was judged last; epoch ms. */
  judgedAt: number;
  /** Of how many open minutes somebody was told last, and when; 0 and null where nobody was. */
  toldMinutes: number;
  toldAt: number | null;
}

/** The books of past days, and what was found of them. */
export interface BalanceReportStore {
  /** Reads the books of a day as they are now: what is pending counts in the minute in which it came. */
  judge(workspaceId: string, day: string): Promise<BalanceVerdict>;
  /** day → its report; what is not there is left out. */
  find(workspaceId: string, days: readonly string[]): Promise<Map<string, BalanceReportRow>>;
  /** The newest first; those of before a day where it is given. */
  list(workspaceId: string, page: { before: string | null; limit: number }): Promise<BalanceReportRow[]>;
  /** Inserts or replaces the report of a day. */
  save(row: BalanceReportRow): Promise<void>;
}
