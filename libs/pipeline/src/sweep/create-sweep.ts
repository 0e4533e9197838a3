import { loadPeople } from '../person/load-people.js';
import { LedgerCounts } from '../person/person-work.js';
import { continueRun } from '../person/start-runs.js';
import { writePeople } from '../person/write-people.js';
import type { Clock, ConfigurationSource, Doorbell, RunRow, Store } from '../ports/index.js';
import { groupBy } from '../group-by.js';

export interface SweepOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
}

export interface Sweep {
  /** Rings for every row that is due and unclaimed, and does what only time brings: segment changes and waiting runs. */
  tick(): Promise<void>;
}

const BATCH = 200;
/** A change of a segment makes many people due at once; more of them wait for the next tick, so that nothing else waits for them. */
const MAX_BATCHES = 10;

/**
 * Step 4 of an event's path. Retries, flow delays and time-driven segment changes are `dueAt` rows: a lost ring, a flushed queue or a
 * crash between any two writes is made good here. Several processes may sweep at once; what both find is done once.
 *
 * @example setInterval(() => sweep.tick(), 1_000)
 */
export function createSweep(options: SweepOptions): Sweep {
  const { store, doorbell, clock } = options;
  return {
    async tick() {
      if (await store.inbox.hasDue(clock())) doorbell.ringApply();
      for (let batches = 0, swept = BATCH; swept === BATCH && batches < MAX_BATCHES; batches += 1) swept = await sweepProfiles(options);
      await sweepRuns(options);
      for (const lane of await store.findDueLanes(clock())) doorbell.ringLane(lane);
    },
  };
}

/** Gives how many were due. */
async function sweepProfiles({ store, doorbell, configuration: source, clock }: SweepOptions): Promise<number> {
  const due = await store.findDueProfiles(clock(), BATCH);
  for (const [workspaceId, rows] of groupBy(due, (row) => row.workspaceId)) {
    const configuration = source.workspace(workspaceId);
    const lanes = await store.transaction(async (tx) => {
      const now = clock();
      const people = [...new Set((await loadPeople(tx, workspaceId, rows.map(({ profileId }) => profileId))).values())];
      // Written even when nothing changed: the row gets its next due time.
      for (const person of people) person.isTouched = true;
      return writePeople(tx, { configuration, people, occurrences: [], consentRecords: [], output: { events: [], deliveries: [], runs: [] }, counts: new LedgerCounts(), now });
    });
    for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  }
  return due.length;
}

async function sweepRuns({ store, doorbell, configuration: source, clock }: SweepOptions): Promise<void> {
  const due = await store.findDueRuns(clock(), BATCH);
  for (const [workspaceId, runs] of groupBy(due, (run) => run.workspaceId)) {
    const configuration = source.workspace(workspaceId);
    const lanes = await store.transaction(async (tx) => {
      const now = clock();
      const people = await loadPeople(tx, workspaceId, runs.map(({ profileId }) => profileId));
      const events = await tx.findEvents(runs.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])));
      const output = { events: [], deliveries: [], runs: [] };
      await tx.deleteRuns(runs.map(({ runId }) => runId));
      for (const run of runs) {
        const person = people.get(run.profileId);
        const flow = configuration.flow(run.flowId, run.flowVersion);
        if (person === undefined || flow === undefined) continue;
        continueRun(flow, run as RunRow, person, run.eventId === null ? null : (events.get(run.eventId) ?? null), configuration, now, output);
      }
      return writePeople(tx, { configuration, people: [...new Set(people.values())], occurrences: [], consentRecords: [], output, counts: new LedgerCounts(), now });
    });
    for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  }
}
