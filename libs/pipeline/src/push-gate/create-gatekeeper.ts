import { LANE_LEASE_MS } from '../deliver/lane-lease.js';
import { underLease } from '../deliver/under-lease.js';
import { groupBy } from '../group-by.js';
import type { Doorbell } from '../ports/doorbell.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { Store } from '../ports/store.js';
import { eachOf } from '../sweep/each-of.js';
import { lookAtGate, type LookAtGateOptions } from './look-at-gate.js';
import { rejectPage, releasePage } from './move-held-rows.js';
import type { PushGateRow } from './push-gate-row.js';

/** The lease under which one process at a time keeps the gates of a workspace; no connection can have this id. */
export const GATEKEEPER = '@push-gates';
const MAX_GATES = 50;

export interface GatekeeperOptions extends LookAtGateOptions {
  store: Pick<Store, 'transaction' | 'acquireLane' | 'extendLane' | 'releaseLane'>;
  doorbell: Pick<Doorbell, 'ringLane'>;
  log: PipelineLog;
  /** Unique to this process. */
  holder: string;
  /** Tells those who answer for it of pushes that are held. A failure is thrown: they are told at the next tick. */
  tell(workspaceId: string, held: readonly PushGateRow[]): Promise<void>;
}

/**
 * Looks at segments whose pushes wait, opens their gates or holds them, lets go what waited or gives up what was rejected, and tells somebody of each that is held: once, after it was noted.
 *
 * @example repeat(() => gatekeeper.tick(), { name: 'push-gates', everyMs: 1_000, logger, onFailure })
 */
export function createGatekeeper(options: GatekeeperOptions): { tick(): Promise<void> } {
  const { store, pushGates, configuration, clock, doorbell, holder, log, tell } = options;

  async function keep(found: PushGateRow): Promise<PushGateRow> {
    let gate = found;
    if (gate.rejectedUpTo !== null) await throughPages(gate, (tx, current) => (current.rejectedUpTo === null ? Promise.resolve(false) : rejectPage(tx, current, configuration.workspace(gate.workspaceId), clock())));
    else if (gate.state !== 'open') gate = await lookAtGate(gate, options);
    if (gate.state === 'open') await throughPages(gate, (tx, current) => (current.state === 'open' && current.isReleasing ? releasePage(tx, current, clock()) : Promise.resolve(false)));
    return gate;
  }

  async function throughPages({ gateId, workspaceId, connectionId }: PushGateRow, turn: (tx: Parameters<typeof releasePage>[0], current: PushGateRow) => Promise<boolean>): Promise<void> {
    for (let isMore = true; isMore;) {
      isMore = await store.transaction(async (tx) => {
        const current = (await tx.findPushGates([gateId])).get(gateId);
        return current === undefined ? false : turn(tx, current);
      });
      doorbell.ringLane({ workspaceId, connectionId });
    }
  }

  async function tellOf(workspaceId: string, gates: readonly PushGateRow[]): Promise<void> {
    const untold = gates.filter(({ state, toldAt }) => state === 'held' && toldAt === null);
    if (untold.length === 0) return;
    for (const { connectionId, segmentId, breaches } of untold) log.warn({ workspaceId, connectionId, segmentId, broken: breaches.map(({ kind }) => kind).join(',') }, 'a push of a segment is held and waits for a decision');
    await tell(workspaceId, untold);
    await store.transaction(async (tx) => {
      const current = await tx.findPushGates(untold.map(({ gateId }) => gateId));
      await tx.writePushGates([...current.values()].flatMap((gate) => (gate.state === 'held' && gate.toldAt === null ? [{ ...gate, toldAt: clock() }] : [])));
    });
  }

  return {
    async tick() {
      const due = await pushGates.findDueGates(clock(), MAX_GATES);
      await eachOf([...groupBy(due, ({ workspaceId }) => workspaceId)], async ([workspaceId, gates]) => {
        await underLease(store, { workspaceId, connectionId: GATEKEEPER }, { holder, now: clock() }, async (lease) => {
          const kept: PushGateRow[] = [];
          const parts = gates.map((gate) => async (): Promise<void> => {
            await store.extendLane(lease, clock() + LANE_LEASE_MS);
            kept.push(await keep(gate));
          });
          // One that cannot be kept keeps nobody from hearing of the others.
          await eachOf([...parts, () => tellOf(workspaceId, kept)], (part) => part());
        });
      });
    },
  };
}
