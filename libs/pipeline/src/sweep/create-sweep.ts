import type { Lane } from '../ports/index.js';
import { runCompares } from '../audience/run-compares.js';
import { runSchedules } from '../flow/run-schedules.js';
import { duePeople } from './due-people.js';
import { dueRuns } from './due-runs.js';
import { groupBy } from '../group-by.js';
import { eachOf } from './each-of.js';
import { handOnMarks } from './hand-on-marks.js';
import { resumeFlows } from './resume-flows.js';
import { sweepDue } from './sweep-due.js';
import type { SweepOptions } from './sweep-options.js';

export interface Sweep {
  /**
   * Rings for every row that is due and unclaimed, hands marks of crowds on to their people, and does what only time brings: segment changes, waiting runs, those of flows that are resumed, schedules and compares. Throws the first failure, after
   * all the rest is done.
   */
  tick(): Promise<void>;
}

/**
 * Step 4 of an event's path. Retries, flow delays and time-driven segment changes are `dueAt` rows: a lost ring, a flushed queue or a
 * crash between any two writes is made good here. Several processes may sweep at once; what both find is done once.
 *
 * @example setInterval(() => sweep.tick(), 1_000)
 */
export function createSweep(options: SweepOptions): Sweep {
  const { store, doorbell, clock, configuration } = options;
  /** A closed lane is rung for when it opens; of one that is paused only what takes something back is sent. Another process may know a workspace that is not known here. */
  const isWorked = async (lane: Lane): Promise<boolean> => {
    const status = statusOf(lane);
    return status === 'unknown' || status === 'enabled' || (status === 'paused' && (await store.hasDueTakeBacks(lane, clock())));
  };
  const statusOf = ({ workspaceId, connectionId }: Lane): string | undefined => {
    try {
      return configuration.workspace(workspaceId).destinations.get(connectionId)?.status;
    } catch {
      return 'unknown';
    }
  };
  return {
    async tick() {
      await eachOf([
        () => resumeFlows(options),
        async () => { for (const lane of await store.findDueLanes(clock())) if (await isWorked(lane)) doorbell.ringLane(lane); },
        async () => { if (await store.inbox.hasDue(clock())) doorbell.ringApply(); },
        () => handOnMarks(options),
        () => sweepDue(duePeople(store), options),
        () => sweepDue(dueRuns(store), options),
        () => runCompares(options),
        () => sweepSchedules(options),
      ], (part) => part());
    },
  };
}

/** One read tells for all workspaces whether any schedule has come. */
async function sweepSchedules({ workspaceIds, ...options }: SweepOptions): Promise<void> {
  const ids = workspaceIds?.() ?? [];
  if (ids.length === 0) return;
  const stored = groupBy(await options.store.listSchedules(), (row) => row.workspaceId);
  await eachOf(ids, async (workspaceId) => runSchedules(options.configuration.workspace(workspaceId), stored.get(workspaceId) ?? [], options));
}
