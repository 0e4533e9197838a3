import { FenceLost, FLOW_PAUSED, GENESIS_HASH, groupBy, HELD_DUE_AT, HOLDS_UP_NOTHING, isTakeBack, LANE_LEASE_MS, PAUSED_DUE_AT, type DeliveryRow, type Lane, type LaneLease, type LaneStore, type PausedFlow, type QuarantineJobs } from '@firsthand/pipeline';
import type { MemorySession, MemoryTable } from './memory-tables.js';
import { keyOf, type LaneRow, type Tables } from './tables.js';

/** Runs one operation outside of a transaction. */
type Now = <T>(work: (session: MemorySession) => T) => Promise<T>;

/** Takes a lane whose lease has ended or is the holder's own; null when another has it. */
export function takeLane(session: MemorySession, lanes: MemoryTable<LaneRow>, { workspaceId, connectionId }: Lane, { holder, until, now }: { holder: string; until: number; now: number }): LaneLease | null {
  const id = keyOf(workspaceId, connectionId);
  const former = session.get(lanes, id);
  if (former !== undefined && former.until > now && former.holder !== holder) return null;
  const { fence, chainSeq, chainHash, health, ...rest } = former ?? { workspaceId, connectionId, fence: 0, chainSeq: 0, chainHash: GENESIS_HASH, holder: null };
  session.put(lanes, id, { ...rest, fence: fence + 1, chainSeq, chainHash, holder, until, ...(health === undefined ? {} : { health }) });
  const isInherited = rest.holder !== null && rest.holder !== holder;
  return { workspaceId, connectionId, fence: fence + 1, chainSeq, chainHash, ...(health === undefined ? {} : { health }), ...(isInherited ? { isInherited } : {}) };
}

/** Lanes, leases and due rows outside of a transaction. */
export function laneRows(now: Now, { lanes, deliveries, inFlight, identities, profiles, runs, audienceCompares, confirmations, unsealedConsents, schedules, changeBlocks }: Tables): Omit<LaneStore, keyof QuarantineJobs> {
  const update = (lease: LaneLease, change: (lane: LaneRow) => LaneRow): Promise<boolean> => now((session) => {
    const id = keyOf(lease.workspaceId, lease.connectionId);
    const lane = session.get(lanes, id);
    if (lane?.fence !== lease.fence) return false;
    session.put(lanes, id, change(lane));
    return true;
  });
  const updateOwn = async (lease: LaneLease, change: (lane: LaneRow) => LaneRow): Promise<void> => {
    if (!(await update(lease, change))) throw new FenceLost('The lane was taken over.');
  };
  const pendingOf = (session: MemorySession, { workspaceId, connectionId }: Lane): DeliveryRow[] => (
    session.select(deliveries, (row) => row.state === 'pending' && row.workspaceId === workspaceId && row.connectionId === connectionId));
  return {
    acquireLane: (lane, holder, until, at) => now((session) => takeLane(session, lanes, lane, { holder, until, now: at })),
    extendLane: (lease, until) => updateOwn(lease, (lane) => ({ ...lane, until })),
    releaseLane: async (lease) => { await update(lease, (lane) => ({ ...lane, until: 0, holder: null })); },
    hasInFlight: (lane) => now((session) => session.some(inFlight, (block) => block.workspaceId === lane.workspaceId && block.connectionId === lane.connectionId)),
    readCursor: (lease) => now((session) => {
      const lane = session.get(lanes, keyOf(lease.workspaceId, lease.connectionId));
      return lane?.nextAt === undefined ? null : { cursor: lane.cursor === undefined ? undefined : JSON.parse(lane.cursor), nextAt: lane.nextAt };
    }),
    writeCursor: (lease, { cursor, nextAt }) => updateOwn(lease, (lane) => ({ ...lane, nextAt, ...(cursor === undefined ? {} : { cursor: JSON.stringify(cursor) }) })),
    findDueDeliveries: (lane, at, limit, excluded, takeBacksOnly = false) => now((session) => (
      findDue(pendingOf(session, lane), at, new Set(excluded)).filter((row) => !takeBacksOnly || isTakeBack(row)).slice(0, limit))),
    hasDueTakeBacks: (lane, at) => now((session) => pendingOf(session, lane).some((row) => row.dueAt <= at && isTakeBack(row))),
    findBehindWaiting: (lane, { now: at, after, actions }) => now((session) => {
      const rows = pendingOf(session, lane).filter((row) => row.operation === 'send' && actions.includes(row.action));
      const waiting = new Set(rows.filter((row) => row.attempt > 0 && row.dueAt > Math.max(at, after) && row.dueAt !== HELD_DUE_AT).map(({ profileId }) => profileId));
      return { rows: rows.filter((row) => row.class === 'data' && waiting.has(row.profileId)), next: 0 };
    }),
    findFresh: (lane, { now: at, after, limit }) => now((session) => (
      pendingOf(session, lane).filter((row) => row.attempt === 0 && row.createdAt >= after && row.dueAt <= at).sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq).slice(0, limit))),
    findWaitingData: (lane, limit) => now((session) => pendingOf(session, lane).filter((row) => row.class === 'data').slice(0, limit)),
    findDueLanes: (at) => now((session) => {
      const due = [
        ...session.select(inFlight, ({ rows }) => Math.max(...rows.map(({ createdAt }) => createdAt)) + LANE_LEASE_MS <= at),
        ...session.select(deliveries, (row) => row.state === 'pending' && row.dueAt <= at),
      ];
      return [...groupBy(due, ({ workspaceId, connectionId }) => keyOf(workspaceId, connectionId)).values()].flatMap(([first]) => (first === undefined ? [] : [{ workspaceId: first.workspaceId, connectionId: first.connectionId }]));
    }),
    findDueProfiles: (at, limit) => now((session) => session.select(profiles, ({ dueAt }) => dueAt !== null && dueAt > 0 && dueAt <= at)
      .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0)).slice(0, limit).map(({ profile: { workspaceId, profileId } }) => ({ workspaceId, profileId }))),
    findMarks: (limit) => now((session) => session.select(identities, ({ mark }) => mark !== undefined).sort((a, b) => (a.mark?.at ?? 0) - (b.mark?.at ?? 0)).slice(0, limit).map(({ workspaceId, key }) => ({ workspaceId, identityKey: key }))),
    findDueCompares: (at, limit, where) => now((session) => session.select(audienceCompares, ({ dueAt, listing }) => dueAt !== null && dueAt > 0 && dueAt <= at && (where === 'people') === (listing === null))
      .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0)).slice(0, limit)),
    findDueRuns: (at, limit) => now((session) => session.select(runs, ({ dueAt }) => dueAt !== null && dueAt <= at).sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0)).slice(0, limit)),
    findPausedFlows: () => now((session) => {
      const waiting: PausedFlow[] = [
        ...session.select(runs, ({ dueAt }) => dueAt === PAUSED_DUE_AT), ...session.select(deliveries, isPaused).flatMap(({ workspaceId, flowId }) => (flowId === null ? [] : [{ workspaceId, flowId }])),
      ];
      return [...new Map(waiting.map(({ workspaceId, flowId }) => [keyOf(workspaceId, flowId), { workspaceId, flowId }])).values()];
    }),
    resumeFlow: (flow, at, limit) => now((session) => {
      const isOf = (row: { workspaceId: string; flowId: string | null }): boolean => row.workspaceId === flow.workspaceId && row.flowId === flow.flowId;
      for (const row of session.select(runs, (run) => isOf(run) && run.dueAt === PAUSED_DUE_AT).slice(0, limit)) session.put(runs, row.runId, { ...row, dueAt: at });
      const held = session.select(deliveries, (row) => isOf(row) && isPaused(row)).sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq);
      for (const row of held.slice(0, limit)) session.put(deliveries, row.deliveryId, { ...row, dueAt: at, retryFrom: at, reason: null });
    }),
    findDueConfirmations: (at, limit) => now((session) => session.select(confirmations, ({ dueAt }) => dueAt !== null && dueAt <= at).sort((one, other) => (one.dueAt ?? 0) - (other.dueAt ?? 0)).slice(0, limit)),
    countConfirmations: (source, since) => now((session) => session.select(confirmations, (row) => row.workspaceId === source.workspaceId && row.connectionId === source.connectionId && (row.sentAt.at(-1) ?? 0) > since).length),
    findUnsealedWorkspaces: () => now((session) => [...new Set(session.select(unsealedConsents, () => true).map(({ workspaceId }) => workspaceId))]),
    hasOpenChanges: (workspaceId) => now((session) => session.some(changeBlocks, (block) => block.isOpen && block.workspaceId === workspaceId)),
    listSchedules: () => now((session) => session.select(schedules, () => true)),
  };
}

function isPaused({ state, reason }: DeliveryRow): boolean {
  return state === 'pending' && reason === FLOW_PAUSED;
}

/** What is due: first what takes something back, then all others by (createdAt, seq), without everybody who has a row that waits for another try or goes first. */
function findDue(pending: readonly DeliveryRow[], at: number, excluded: ReadonlySet<string>): DeliveryRow[] {
  const due = pending.filter((row) => row.dueAt <= at && !excluded.has(row.profileId));
  const first = due.filter(isTakeBack).sort((a, b) => a.dueAt - b.dueAt);
  const busy = new Set([...pending.filter(({ dueAt, reason }) => dueAt > at && !HOLDS_UP_NOTHING.includes(reason ?? '')), ...first].map(({ profileId }) => profileId));
  return [...first, ...due.filter((row) => !isTakeBack(row) && !busy.has(row.profileId)).sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq)];
}
