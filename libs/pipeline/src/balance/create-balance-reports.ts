import { DAY_MS, utcDay } from '@firsthand/domain';
import { underLease } from '../deliver/under-lease.js';
import type { Clock } from '../ports/configuration.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { LaneLease } from '../ports/rows.js';
import type { Store } from '../ports/store.js';
import { eachOf } from '../sweep/each-of.js';
import type { BalanceReportRow, BalanceReportStore } from './balance-report-store.js';

/** The lease under which one process at a time judges the books of a workspace; no connection can have this id. */
export const BALANCE_REPORTS = '@balance';
/** A day can be corrected for so long: by a release from quarantine, a replay, a delivery that waits. */
export const REPORT_DAYS = 7;

/** After midnight, so that the last minute of the day has mostly gone its way. It need not: what has not is pending. */
const BEGINS_AFTER_MS = 10 * 60_000;
/** For the books of one day. */
const LEASE_MS = 5 * 60_000;

export interface BalanceReportOptions {
  store: Pick<Store, 'acquireLane' | 'extendLane' | 'releaseLane'>;
  reports: BalanceReportStore;
  clock: Clock;
  log: PipelineLog;
  /** Unique to this process. */
  holder: string;
  /** Tells those who answer for it. A failure is thrown: they are told at the next tick. */
  tell(workspaceId: string, open: readonly BalanceReportRow[]): Promise<void>;
  /** Is told how many minutes of the last days do not close, with each tick. */
  observe?(workspaceId: string, openMinutes: number): void;
}

/**
 * Judges once a day whether the books of the day before close for every connection and minute, and anew those of the six days before it. Each day's report is written down when it is judged, so that
 * who takes over goes on with the next. Somebody is told of a day once, and again where more of it does not close; what was told is noted after it was: a crash in between tells twice, and never not.
 *
 * @example repeat(() => reports.tick(workspaceIds), { name: 'balance-reports', everyMs: 60_000, logger, onFailure })
 */
export function createBalanceReports(options: BalanceReportOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  const { store, reports, clock, holder, observe } = options;
  const done = new Map<string, number>();

  async function report(workspaceId: string, today: number): Promise<void> {
    await underLease(store, { workspaceId, connectionId: BALANCE_REPORTS }, { holder, now: clock(), leaseMs: LEASE_MS }, async (lease) => {
      await judgeDays(options, lease, today);
      await tellOf(options, workspaceId, today);
      done.set(workspaceId, today);
    });
  }

  return {
    async tick(workspaceIds) {
      const today = startOfDay(clock() - BEGINS_AFTER_MS);
      await eachOf(workspaceIds, async (workspaceId) => {
        try {
          if (done.get(workspaceId) !== today) await report(workspaceId, today);
        } finally {
          const last = await reports.find(workspaceId, daysBefore(today));
          observe?.(workspaceId, [...last.values()].reduce((sum, { openMinutes }) => sum + openMinutes, 0));
        }
      });
    },
  };
}

/** Yesterday first. */
async function judgeDays({ store, reports, clock }: BalanceReportOptions, lease: LaneLease, today: number): Promise<void> {
  const { workspaceId } = lease;
  const days = daysBefore(today);
  const known = await reports.find(workspaceId, days);
  for (const [index, day] of days.entries()) {
    const former = known.get(day);
    if (former !== undefined && former.judgedAt >= today + BEGINS_AFTER_MS) continue;
    await store.extendLane(lease, clock() + LEASE_MS);
    const judgedAt = clock();
    const verdict = await reports.judge(workspaceId, day);
    // A day on which the workspace was not there yet has no books.
    if (verdict.minutes === 0 && former === undefined && index > 0) continue;
    const { toldMinutes = 0, toldAt = null } = former ?? {};
    await reports.save({ workspaceId, day, judgedAt, ...verdict, toldMinutes: Math.min(toldMinutes, verdict.openMinutes), toldAt });
  }
}

async function tellOf({ reports, clock, log, tell }: BalanceReportOptions, workspaceId: string, today: number): Promise<void> {
  const open = [...(await reports.find(workspaceId, daysBefore(today))).values()].filter(({ openMinutes, toldMinutes }) => openMinutes > toldMinutes).sort((one, other) => (one.day < other.day ? -1 : 1));
  if (open.length === 0) return;
  for (const { day, openMinutes, difference } of open) log.warn({ workspaceId, day, openMinutes, difference }, 'the books of a day do not close');
  await tell(workspaceId, open);
  for (const row of open) await reports.save({ ...row, toldMinutes: row.openMinutes, toldAt: clock() });
}

function startOfDay(at: number): number {
  return at - (at % DAY_MS);
}

/** The last days before one, the latest first. */
function daysBefore(today: number): string[] {
  return Array.from({ length: REPORT_DAYS }, (_, index) => utcDay(today - (index + 1) * DAY_MS));
}
