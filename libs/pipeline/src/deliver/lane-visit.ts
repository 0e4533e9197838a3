import { groupBy } from '../group-by.js';
import type { LedgerCounts } from '../person/person-work.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { needsRun } from './answer-calls.js';
import { InFlightBlocks } from './in-flight-blocks.js';
import { capacityOf } from './lane-capacity.js';
import type { LaneRun } from './lane-run.js';
import { isSameHealth, type LaneTraffic } from './lane-traffic.js';
import type { Settled } from './settled.js';
import type { Slots } from './slots.js';
import { decideRound, type LaneDecisions, type LaneReading } from './lane-tick.js';

/**
 * What another transaction may do at lanes: decide the rows that it makes itself, so that they are sent when it has committed and need no
 * transaction of their own. A row that cannot be decided there stays pending, and its lane finds it.
 */
export interface LaneVisit {
  /** Begins an attempt of the transaction: what the former one decided is forgotten. */
  begin(): void;
  /**
   * Decides rows before they are inserted and writes their evidence; a row that ends gets its state. Outcomes that came back are written down along with it.
   * @returns the connections whose lanes have to be rung for what is left, and the rows that are in flight: they are not to be inserted
   */
  decide(tx: StoreTransaction, rows: readonly DeliveryRow[], reading: LaneReading, counts: LedgerCounts): Promise<{ toRing: string[]; inFlight: ReadonlySet<string> }>;
  /** Sends what was decided if the transaction has committed, and lets the lanes go on. */
  end(isCommitted: boolean): void;
}

/** A lane that nobody here runs, kept for a visit. */
export interface LaneReservation {
  /** In the transaction. Null when another process holds the lane. */
  take(tx: StoreTransaction): Promise<LaneLease | null>;
  /** Runs the lane from the committed lease on. */
  start(lease: LaneLease): LaneRun;
  cancel(): void;
}

export interface VisitOptions {
  configuration: WorkspaceConfiguration;
  clock(): number;
  random(): number;
  /** Lanes that are run here and wait for the visit to end. */
  entered: ReadonlyMap<string, { run: LaneRun; leave(): void }>;
  /** What is known of the destination's speed. */
  slotsOf(connectionId: string): Slots;
  /** Its breaker and pause. */
  trafficOf(connectionId: string): LaneTraffic;
  /** Null when this process is at the lane already. */
  reserve(connectionId: string): LaneReservation | null;
}

/** What an attempt came to at one lane. */
interface Decided {
  connection: DestinationConnection;
  decisions: LaneDecisions;
  writtenDown: number;
  evaluatedAt: number;
}

/** @example const visit = createLaneVisit(options); try { await store.transaction(work); } finally { visit.end(isCommitted); } */
export function createLaneVisit({ configuration, clock, random, entered, slotsOf, trafficOf, reserve }: VisitOptions): LaneVisit {
  const reserved = new Map<string, LaneReservation>();
  let leases = new Map<string, LaneLease>();
  let decided = new Map<string, Decided>();
  let unfinished = new Set<string>();

  async function leaseOf(tx: StoreTransaction, connectionId: string): Promise<LaneLease | null> {
    const run = entered.get(connectionId)?.run;
    if (run !== undefined) return run.lease;
    const reservation = reserved.get(connectionId) ?? reserve(connectionId);
    if (reservation === null) return null;
    reserved.set(connectionId, reservation);
    const lease = await reservation.take(tx);
    if (lease === null) return null;
    leases.set(connectionId, lease);
    if ((await tx.recoverInFlight(lease)) > 0) unfinished.add(connectionId);
    return lease;
  }

  /** False when the lane has to be rung. */
  async function decideAt(tx: StoreTransaction, connectionId: string, rows: readonly DeliveryRow[], reading: LaneReading, counts: LedgerCounts): Promise<boolean> {
    const connection = configuration.destinations.get(connectionId);
    // What waits at a closed lane is found when it opens.
    if (connection?.status !== 'enabled') return true;
    const run = entered.get(connectionId)?.run;
    const settled = [...(run?.outcomes ?? [])];
    const room = run === undefined ? capacityOf(connection, slotsOf(connectionId)) : run.roomFor(connection);
    if (settled.length === 0 && rows.length === 0) return true;
    if (run === undefined) {
      const admitted = trafficOf(connectionId).admits(clock());
      // What waits behind a breaker or a pause, the sweep rings for; a rate limit's tokens are taken by the lane itself.
      if (admitted < 2 || connection.rateLimit !== null) return admitted === 0;
    }
    const lease = await leaseOf(tx, connectionId);
    if (lease === null) return false;
    // Another process knew what this one did not: the lane looks at it itself.
    if (run === undefined && !isSameHealth(lease.health, trafficOf(connectionId).stored)) {
      unfinished.add(connectionId);
      return true;
    }
    const inFlight = run?.blocks ?? new InFlightBlocks();
    const due = room <= 0 ? [] : (await withoutWaiting(tx, lease, firstOfEach(rows).filter((row) => !needsRun(row, configuration)), reading, settled, inFlight)).slice(0, room);
    if (due.length < rows.length) unfinished.add(connectionId);
    if (due.length === 0 && settled.length === 0) return true;
    const evaluatedAt = clock();
    const decisions = await decideRound(tx, { lease, connection, configuration, settled, due, planned: rows, areStored: false, inFlight, underWay: run?.underWay ?? [], health: run?.changedHealth(), evaluatedAt, random }, reading, counts);
    for (const { row, state, reason } of decisions.ended) Object.assign(row, { state, reason });
    const waiting = new Map(decisions.held.map((update) => [update.deliveryId, update]));
    for (const row of due) Object.assign(row, waiting.get(row.deliveryId));
    decided.set(connectionId, { connection, decisions, writtenDown: settled.length, evaluatedAt });
    return true;
  }

  return {
    begin() {
      leases = new Map();
      decided = new Map();
      unfinished = new Set();
    },
    async decide(tx, rows, reading, counts) {
      const byConnection = groupBy(rows, ({ connectionId }) => connectionId);
      const toRing: string[] = [];
      const inFlight = new Set<string>();
      for (const connectionId of new Set([...byConnection.keys(), ...entered.keys()])) {
        if (!(await decideAt(tx, connectionId, byConnection.get(connectionId) ?? [], reading, counts))) toRing.push(connectionId);
        for (const { row, blockId } of decided.get(connectionId)?.decisions.cleared ?? []) if (blockId !== null) inFlight.add(row.deliveryId);
      }
      return { toRing, inFlight };
    },
    end(isCommitted) {
      const goOn = (run: LaneRun, connectionId: string): void => {
        const done = decided.get(connectionId);
        if (done !== undefined) run.goOn(done.connection, done.decisions, done.writtenDown, done.evaluatedAt);
        if (unfinished.has(connectionId)) run.look();
      };
      for (const [connectionId, { run, leave }] of entered) {
        if (isCommitted) goOn(run, connectionId);
        leave();
      }
      for (const [connectionId, reservation] of reserved) {
        const lease = leases.get(connectionId);
        if (isCommitted && lease !== undefined) goOn(reservation.start(lease), connectionId);
        else reservation.cancel();
      }
    },
  };
}

/** A person's rows go out one after the other. */
function firstOfEach(rows: readonly DeliveryRow[]): DeliveryRow[] {
  const taken = new Set<string>();
  return rows.filter(({ profileId }) => !taken.has(profileId) && taken.add(profileId));
}

/** Without the people who have an earlier row at this lane that is not settled, nor by the outcomes that are written down now. */
async function withoutWaiting(
  tx: StoreTransaction, lease: LaneLease, rows: readonly DeliveryRow[], { people }: LaneReading, settled: readonly Settled[], inFlight: InFlightBlocks,
): Promise<DeliveryRow[]> {
  const idsOf = ({ profileId }: DeliveryRow): string[] => [profileId, ...(people.get(profileId)?.profile.mergedFrom ?? [])];
  const over = settled.filter(({ result }) => result.outcome === 'delivered' || result.outcome === 'dead');
  const waiting = await tx.countPending(lease, rows.flatMap(idsOf));
  for (const profileId of inFlight.people()) waiting.set(profileId, (waiting.get(profileId) ?? 0) + 1);
  for (const { row: { profileId } } of over) waiting.set(profileId, (waiting.get(profileId) ?? 0) - 1);
  return rows.filter((row) => idsOf(row).every((profileId) => (waiting.get(profileId) ?? 0) <= 0));
}
