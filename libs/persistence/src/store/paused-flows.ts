import { FLOW_PAUSED, PAUSED_DUE_AT, type LaneStore, type PausedFlow } from '@firsthand/pipeline';
import type { Collections } from './collections.js';
import { storeKey } from './store-key.js';

const RUNS = { dueAt: PAUSED_DUE_AT } as const;
const DELIVERIES = { state: 'pending', reason: FLOW_PAUSED } as const;
const FIRST = { projection: { _id: 0, workspaceId: 1, flowId: 1 }, sort: { workspaceId: 1, flowId: 1 } } as const;
/** Past a flow of its workspace, or past the workspace. */
type After = { workspaceId?: string | { $gt: string }; flowId?: { $gt: string } };

/** What waits because its flow was paused, from indexes that hold nothing else. */
export function pausedFlows({ runs, deliveries }: Pick<Collections, 'runs' | 'deliveries'>): Pick<LaneStore, 'findPausedFlows' | 'resumeFlow'> {
  return {
    async findPausedFlows() {
      const found = new Map<string, PausedFlow>();
      for (const first of [(after: After) => runs.findOne<PausedFlow>({ ...RUNS, ...after }, FIRST), (after: After) => deliveries.findOne<PausedFlow>({ ...DELIVERIES, ...after }, FIRST)]) {
        for await (const flow of flowsOf(first)) found.set(storeKey(flow.workspaceId, flow.flowId), flow);
      }
      return [...found.values()];
    },

    async resumeFlow({ workspaceId, flowId }, now, limit) {
      const ofRuns = await runs.find({ workspaceId, flowId, ...RUNS }, { projection: { _id: 1 }, limit }).toArray();
      await runs.updateMany({ _id: { $in: ofRuns.map(({ _id }) => _id) }, ...RUNS }, { $set: { dueAt: now } });
      const ofLanes = await deliveries.find({ workspaceId, flowId, ...DELIVERIES }, { projection: { _id: 1 }, sort: { createdAt: 1, seq: 1 }, limit }).toArray();
      await deliveries.updateMany({ _id: { $in: ofLanes.map(({ _id }) => _id) }, ...DELIVERIES }, { $set: { dueAt: now, retryFrom: now, reason: null } });
    },
  };
}

/** Steps from flow to flow, a look-up for each, however much of it waits. */
async function* flowsOf(first: (after: After) => Promise<PausedFlow | null>): AsyncGenerator<PausedFlow> {
  for (let flow = await first({}); flow !== null;) {
    yield flow;
    const { workspaceId, flowId } = flow;
    flow = (await first({ workspaceId, flowId: { $gt: flowId } })) ?? (await first({ workspaceId: { $gt: workspaceId } }));
  }
}
