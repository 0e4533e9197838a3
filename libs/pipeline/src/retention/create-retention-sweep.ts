import { DAY_MS, stableId } from '@firsthand/domain';
import type { Clock, ConfigurationSource, WorkspaceConfiguration } from '../ports/configuration.js';
import { FenceLost } from '../ports/store.js';
import { RETENTION_STEPS, type FinishedSweep, type OperatorDays, type RetentionLease, type RetentionRow, type RetentionStore } from './retention-store.js';
import { retentionRulesOf } from './retention-of.js';

export interface RetentionSweepOptions {
  retention: RetentionStore;
  configuration: ConfigurationSource;
  clock: Clock;
  /** Unique to this process. */
  holder: string;
  days: OperatorDays;
  /** Tells of a sweep before it counts as over: after a crash in between it is told twice, and never not. */
  report(workspaceId: string, sweep: FinishedSweep): Promise<void>;
  /** Batches of one workspace until the next tick: nothing else waits for longer. */
  maxParts?: number;
}

export interface RetentionSweep {
  /** Goes on with the sweep of each workspace that nobody else is at. */
  tick(workspaceIds: readonly string[]): Promise<void>;
}

const LEASE_MS = 30_000;
const MAX_PARTS = 10;
/** What no rule of time leads to (a restriction that was lifted, a merge that was taken back) is found so soon at the latest. */
const FULL_EVERY_MS = 7 * DAY_MS;

/**
 * Removes what may be kept no longer. All of it ends at the midnights of UTC, so there is one sweep of a workspace a day, and one more as soon as its rules change. It goes by what has ended since the one before;
 * after a change, and once a week, through everything. Profiles are not in it: each is due by itself ({@link nextEnd}).
 *
 * @example repeat(() => sweep.tick(configuration.workspaceIds()), { name: 'retention', everyMs: 1_000, logger, onFailure })
 */
export function createRetentionSweep(options: RetentionSweepOptions): RetentionSweep {
  const { retention, configuration, clock, holder, days, maxParts = MAX_PARTS } = options;
  /** Workspace → what this process has seen finished. */
  const done = new Map<string, string>();

  async function goOn(lease: RetentionLease, own: WorkspaceConfiguration, rules: string): Promise<boolean> {
    let row = begin(lease.row, rules, clock());
    if (row !== lease.row) await retention.save(lease, row);
    for (let parts = 0; row.step !== 'report' && row.step !== null && parts < maxParts; parts += 1) {
      const now = clock();
      row = await retention.work({ ...lease, row }, { configuration: own, days, now, until: now + LEASE_MS });
    }
    if (row.step === 'report') row = await finish(lease, row, options);
    return row.step === null;
  }

  return {
    async tick(workspaceIds) {
      const failures: unknown[] = [];
      for (const workspaceId of workspaceIds) {
        try {
          const own = configuration.workspace(workspaceId);
          const rules = nameOf(own, days);
          const seen = `${rules} ${dayOf(clock())}`;
          if (done.get(workspaceId) === seen) continue;
          const lease = await retention.claim({ workspaceId, now: clock(), until: clock() + LEASE_MS, holder });
          if (lease !== null && (await goOn(lease, own, rules))) done.set(workspaceId, seen);
        } catch (error) {
          // Another worker is at it.
          if (!(error instanceof FenceLost)) failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** The row as it goes on: begun anew for a day that no sweep has gone to, or where the rules are others. */
function begin(row: RetentionRow, rules: string, now: number): RetentionRow {
  const day = dayOf(now);
  const isSame = row.rules === rules;
  if (isSame && (row.step !== null || row.day >= day)) return row;
  const isFull = !isSame || row.last === null || now - row.fullAt >= FULL_EVERY_MS;
  return { ...row, rules, day, since: isFull ? null : row.last?.day ?? null, fullAt: isFull ? now : row.fullAt, step: RETENTION_STEPS[0], cursor: null, startedAt: now, counts: {} };
}

async function finish(lease: RetentionLease, row: RetentionRow, { retention, clock, report }: RetentionSweepOptions): Promise<RetentionRow> {
  const last = { startedAt: row.startedAt, finishedAt: clock(), day: row.day, isFull: row.since === null, counts: row.counts };
  await report(row.workspaceId, last);
  const over = { ...row, step: null, last };
  await retention.save(lease, over);
  return over;
}

/** What the rules of a workspace are known by. */
function nameOf(configuration: WorkspaceConfiguration, days: OperatorDays): string {
  const { purposes, ownEventDays } = retentionRulesOf(configuration);
  const own = configuration.dictionary.fields.flatMap(({ path, isCustom, retentionDays }) => (isCustom ? [[path, retentionDays]] : []));
  return stableId(JSON.stringify([purposes.map(({ key, fields, retentionDays, lawfulBasis, lawfulBasisIn }) => [key, fields, retentionDays, lawfulBasis, lawfulBasisIn]), own, days, ...(ownEventDays.size === 0 ? [] : [[...ownEventDays].sort()])]));
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
