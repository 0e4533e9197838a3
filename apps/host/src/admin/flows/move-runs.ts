import type { FlowDefinition } from '@firsthand/domain';
import { StepCounts, type RunRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { FlowContent } from '../documents.js';
import type { Caller } from '../http/caller.js';
import type { MovedRuns, MoveRuns } from './flow-run-bodies.js';
import { versionOf } from './flow-runs.js';

/** Runs per transaction, and transactions per call. */
const PAGE_SIZE = 200;
const MAX_PAGES = 25;

/**
 * Moves runs that wait from one version of a flow to another, to the step of the same id and type: they wait there as long as they did. Runs at a step that the
 * other version does not have finish on theirs.
 *
 * @throws FirsthandError `NOT_FOUND` for an unknown flow or version
 */
export async function moveRuns(admin: AdminContext, { workspaceId }: Caller, id: string, { from, to }: MoveRuns): Promise<MovedRuns> {
  const { content } = await admin.repository.get<FlowContent>('flows', workspaceId, id);
  const [source, target] = [versionOf(content, from), versionOf(content, to)];
  const places = placesIn(source, target);
  const kept = source.steps.filter((_step, index) => !places.has(index)).map((step) => step.id);
  if (from === to) return { moved: 0, kept, hasMore: false };
  let moved = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const ids = await admin.collections.runs
      .find({ workspaceId, flowId: id, flowVersion: from, resumeAtStep: { $in: [...places.keys()] }, dueAt: { $gt: 0 } }, { projection: { _id: 1 }, limit: PAGE_SIZE }).toArray();
    if (ids.length === 0) return { moved, kept, hasMore: false };
    moved += await movePage(admin, ids.map(({ _id }) => _id), { source, target, places, workspaceId });
  }
  return { moved, kept, hasMore: true };
}

/** Where each step of one version stands in the other. */
function placesIn(source: FlowDefinition, target: FlowDefinition): Map<number, number> {
  return new Map(source.steps.flatMap((step, index) => {
    const place = target.steps.findIndex(({ id, type }) => id === step.id && type === step.type);
    return place === -1 ? [] : [[index, place] as const];
  }));
}

interface Move {
  source: FlowDefinition;
  target: FlowDefinition;
  places: ReadonlyMap<number, number>;
  workspaceId: string;
}

function movePage({ store, clock }: AdminContext, runIds: readonly string[], { source, target, places, workspaceId }: Move): Promise<number> {
  return store.transaction(async (tx) => {
    // All of them, due or not; who has gone on meanwhile is where they are now.
    const taken = await tx.takeRuns(runIds, Number.MAX_SAFE_INTEGER);
    const counts = new StepCounts();
    let moved = 0;
    const rows = taken.map((run): RunRow => {
      const place = run.flowVersion === source.version ? places.get(run.resumeAtStep) : undefined;
      if (place === undefined) return run;
      const stepId = (target.steps[place] as FlowDefinition['steps'][number]).id;
      counts.count(source.flowId, source.version, stepId, 'moved', 1);
      counts.count(source.flowId, target.version, stepId, 'entered', 1);
      moved += 1;
      return { ...run, flowVersion: target.version, resumeAtStep: place };
    });
    await tx.insertRuns(rows);
    await tx.insertStepCounts(counts.list(workspaceId), clock());
    return moved;
  });
}
