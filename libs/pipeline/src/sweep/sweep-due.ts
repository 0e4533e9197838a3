import { FirsthandError } from '@firsthand/domain';
import type { Clock, WorkspaceConfiguration } from '../ports/index.js';
import { groupBy } from '../group-by.js';
import { eachOf } from './each-of.js';
import type { SweepOptions } from './sweep-options.js';

/** One kind of rows that fall due. */
export interface DueRows<Row extends { workspaceId: string }> {
  /** Due rows of all workspaces, the longest due first. */
  find(now: number, limit: number): Promise<Row[]>;
  /** Does what is due, rows of one workspace in one transaction. Gives the destination connections to ring. */
  work(rows: readonly Row[], configuration: WorkspaceConfiguration, clock: Clock): Promise<string[]>;
  /** Makes a row due at `until`, if it is due still. */
  postpone(row: Row, now: number, until: number): Promise<void>;
}

const BATCH = 200;
/** A change of a segment makes many people due at once; more of them wait for the next tick, so that nothing else waits for them. */
const MAX_BATCHES = 10;
/** Who fails would be found first again at each tick, and many such would let nobody else in. */
const POSTPONED_MS = 60 * 60_000;
/** A lost race may be won next time, and a workspace may be too new to be known here. */
const SOON_POSTPONED_MS = 60_000;

/**
 * Works on what is due, batch by batch. A batch that fails is tried again by halves: the row that breaks it is postponed and keeps nobody from
 * their turn. Throws the first failure, after all the rest is done.
 */
export async function sweepDue<Row extends { workspaceId: string }>(due: DueRows<Row>, { doorbell, configuration, clock, log }: SweepOptions): Promise<void> {
  const failures: unknown[] = [];
  const fail = async (rows: readonly Row[], error: unknown): Promise<void> => {
    failures.push(error);
    const code = codeOf(error);
    // An outage is nobody's fault.
    if (code === 'UNAVAILABLE') return;
    const waitMs = code === 'CONFLICT' || code === 'NOT_FOUND' ? SOON_POSTPONED_MS : POSTPONED_MS;
    log?.warn({ workspaceId: (rows[0] as Row).workspaceId, rows: rows.length, error: code, waitMs }, 'a row that is due fails and is postponed');
    const now = clock();
    await eachOf(rows, (row) => due.postpone(row, now, now + waitMs)).catch((failure: unknown) => failures.push(failure));
  };
  const sweepShare = async (workspaceId: string, rows: readonly Row[]): Promise<void> => {
    let own: WorkspaceConfiguration;
    try {
      own = configuration.workspace(workspaceId);
    } catch (error) {
      return fail(rows, error);
    }
    await byHalves(rows, async (part) => {
      for (const connectionId of await due.work(part, own, clock)) doorbell.ringLane({ workspaceId, connectionId });
    }, fail);
  };
  for (let batches = 0, size = BATCH; size === BATCH && batches < MAX_BATCHES; batches += 1) {
    const rows = await due.find(clock(), BATCH);
    for (const [workspaceId, own] of groupBy(rows, (row) => row.workspaceId)) await sweepShare(workspaceId, own);
    size = rows.length;
    if (failures.some((error) => codeOf(error) === 'UNAVAILABLE')) break;
  }
  if (failures.length > 0) throw failures[0];
}

async function byHalves<Row>(rows: readonly Row[], work: (part: readonly Row[]) => Promise<void>, fail: (part: readonly Row[], error: unknown) => Promise<void>): Promise<void> {
  try {
    await work(rows);
  } catch (error) {
    if (rows.length <= 1 || codeOf(error) === 'UNAVAILABLE') return fail(rows, error);
    const middle = rows.length >> 1;
    await byHalves(rows.slice(0, middle), work, fail);
    await byHalves(rows.slice(middle), work, fail);
  }
}

function codeOf(error: unknown): string {
  return error instanceof FirsthandError ? error.code : error instanceof Error ? error.name : 'unknown';
}
