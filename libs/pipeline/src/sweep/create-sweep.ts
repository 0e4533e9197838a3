import { FirsthandError } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import { LedgerCounts } from '../person/person-work.js';
import { continueRun } from '../person/start-runs.js';
import { writePeople } from '../person/write-people.js';
import type { Clock, ConfigurationSource, Doorbell, Store } from '../ports/index.js';
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
      await eachOf([
        async () => { if (await store.inbox.hasDue(clock())) doorbell.ringApply(); },
        async () => { for (const lane of await store.findDueLanes(clock())) doorbell.ringLane(lane); },
        async () => { for (let batches = 0, swept = BATCH; swept === BATCH && batches < MAX_BATCHES; batches += 1) swept = await sweepProfiles(options); },
        () => sweepRuns(options),
      ], (part) => part());
    },
  };
}

/** Gives how many were due. */
async function sweepProfiles({ store, doorbell, configuration: source, clock }: SweepOptions): Promise<number> {
  const due = await store.findDueProfiles(clock(), BATCH);
  await eachOf(groupBy(due, (row) => row.workspaceId), ([workspaceId, rows]) => byHalves(rows, async (part) => {
    const configuration = source.workspace(workspaceId);
    const lanes = await store.transaction(async (tx) => {
      const now = clock();
      const people = [...new Set((await loadPeople(tx, workspaceId, part.map(({ profileId }) => profileId))).values())];
      // Written even when nothing changed: the row gets its next due time.
      for (const person of people) person.isTouched = true;
      return writePeople(tx, { configuration, people, occurrences: [], consentRecords: [], output: { events: [], deliveries: [], runs: [] }, counts: new LedgerCounts(), now });
    });
    for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  }));
  return due.length;
}

async function sweepRuns({ store, doorbell, configuration: source, clock }: SweepOptions): Promise<void> {
  const due = await store.findDueRuns(clock(), BATCH);
  await eachOf(groupBy(due, (run) => run.workspaceId), ([workspaceId, runs]) => byHalves(runs, async (part) => {
    const configuration = source.workspace(workspaceId);
    const lanes = await store.transaction(async (tx) => {
      const now = clock();
      const own = await tx.takeRuns(part.map(({ runId }) => runId), now);
      const people = await loadPeople(tx, workspaceId, own.map(({ profileId }) => profileId));
      const events = await tx.findEvents(own.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])));
      const output = { events: [], deliveries: [], runs: [] };
      for (const run of own) {
        const person = people.get(run.profileId);
        const flow = configuration.flow(run.flowId, run.flowVersion);
        if (person === undefined || flow === undefined) continue;
        continueRun(flow, run, person, run.eventId === null ? null : (events.get(run.eventId) ?? null), configuration, now, output);
      }
      return writePeople(tx, { configuration, people: [...new Set(people.values())], occurrences: [], consentRecords: [], output, counts: new LedgerCounts(), now });
    });
    for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  }));
}

/** Works on a batch at once; where that fails, on its halves: who breaks it stays due, and keeps nobody else from their turn. */
async function byHalves<T>(rows: readonly T[], work: (part: readonly T[]) => Promise<void>): Promise<void> {
  try {
    await work(rows);
  } catch (error) {
    // An outage is nobody's fault.
    if (rows.length <= 1 || (error instanceof FirsthandError && error.code === 'UNAVAILABLE')) throw error;
    const middle = rows.length >> 1;
    await eachOf([rows.slice(0, middle), rows.slice(middle)], (half) => byHalves(half, work));
  }
}

/** Does each, whatever becomes of the others; throws the first failure at the end. */
async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
