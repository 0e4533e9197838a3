import { compileTrackingPlan, DAY_MS, recordTitle, type CompiledTrackingPlan, type JsonObject, type JsonValue, type PlanJudgement } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import type { TrackingPlanDocument } from '../../configuration/documents.js';
import { readConnection } from '../connections/connections.js';
import type { Caller } from '../http/caller.js';
import { keptQuarantine } from '../quarantine/quarantine.js';
import { connectionsOfPlan } from './connections-of-plan.js';
import { mapAgain, readPlanEvents } from './read-plan-events.js';
import type { PlanDryRun, PlanDryRunBody } from './tracking-plan-bodies.js';

const MAX_QUARANTINED = 2_000;
const SAMPLES = 3;
const MAX_PLACES = 50;

type Verdicts = PlanDryRun['then'];

/**
 * Judges stored events of the last days by the draft of a plan, and by its live version beside it. Nothing is stored; no value of an event is in the answer.
 *
 * @throws FirsthandError `NOT_FOUND`
 */
export async function dryRunPlan(admin: AdminContext, { workspaceId }: Caller, id: string, { days, perEvent, connections }: PlanDryRunBody): Promise<PlanDryRun> {
  const { content: { draft, live } } = await admin.repository.get<TrackingPlanDocument>('trackingPlans', workspaceId, id);
  for (const connectionId of connections ?? []) await readConnection(admin, workspaceId, connectionId);
  const connectionIds = connections ?? await connectionsOfPlan(admin, workspaceId, id);
  const since = admin.clock() - days * DAY_MS;
  const next = compileTrackingPlan(draft, { planId: id, version: 0 });
  const current = live === null ? null : compileTrackingPlan(live.plan, { planId: id, version: live.version });
  const tally = new Tally();
  const pages = readPlanEvents(admin, { workspaceId, connectionIds, since, perEvent });
  let isComplete = true;
  for (let page = await pages.next(); ; page = await pages.next()) {
    if (page.done === true) {
      isComplete = page.value;
      break;
    }
    for (const { eventId, connectionId, tree, isFromRaw } of page.value) {
      tally.add(recordTitle(tree)?.name ?? '', eventId, isFromRaw, judgeBy(next, tree, connectionId), current === null ? undefined : judgeBy(current, tree, connectionId));
    }
  }
  return { since: new Date(since).toISOString(), ...tally.result(current !== null), isComplete, quarantine: await tryQuarantined(admin, workspaceId, { planId: id, connectionIds, since, next }) };
}

/** What the plan has put aside: how much of it the draft would let through. */
async function tryQuarantined(
  admin: AdminContext, workspaceId: string, { planId, connectionIds, since, next }: { planId: string; connectionIds: readonly string[]; since: number; next: CompiledTrackingPlan },
): Promise<PlanDryRun['quarantine']> {
  const { sources } = admin.configuration.workspace(workspaceId);
  const result = { judged: 0, wouldPass: 0 };
  for (const connectionId of connectionIds) {
    const connection = sources.get(connectionId);
    if (connection === undefined) continue;
    const kept = keptQuarantine(admin).quarantinedAt?.$gte ?? 0;
    const rows = await admin.collections.quarantine.find(
      { workspaceId, connectionId, quarantinedAt: { $gte: Math.max(since, kept) }, code: { $in: ['TRACKING_PLAN_VIOLATED', 'TRACKING_PLAN_FAILED'] } }, { sort: { quarantinedAt: -1 }, limit: MAX_QUARANTINED, projection: { raw: 1, receivedAt: 1, rule: 1 } },
    ).toArray();
    for (const { raw, receivedAt, rule } of rows) {
      if (rule?.startsWith(`${planId}:`) !== true) continue;
      const tree = mapAgain(JSON.parse(raw) as JsonValue, connection, receivedAt);
      result.judged += 1;
      if (tree !== undefined && judgeBy(next, tree, connectionId).verdict === 'passed') result.wouldPass += 1;
    }
  }
  return result;
}

/** What a plan cannot judge is put aside, here as at the door. */
function judgeBy(plan: CompiledTrackingPlan, tree: JsonObject, connectionId: string): Pick<PlanJudgement, 'verdict' | 'violations'> {
  try {
    return plan.judge(tree, connectionId);
  } catch {
    return { verdict: 'quarantined', violations: [] };
  }
}

interface EventTally {
  judged: number;
  then: Verdicts;
  violations: Map<string, PlanDryRun['events'][number]['violations'][number]>;
}

class Tally {
  private readonly events = new Map<string, EventTally>();
  private readonly then = newVerdicts();
  private readonly now = newVerdicts();
  private judged = 0;
  private fromRaw = 0;

  add(name: string, eventId: string, isFromRaw: boolean, next: ReturnType<typeof judgeBy>, current: ReturnType<typeof judgeBy> | undefined): void {
    const event = this.events.get(name) ?? { judged: 0, then: newVerdicts(), violations: new Map() };
    this.events.set(name, event);
    this.judged += 1;
    if (isFromRaw) this.fromRaw += 1;
    event.judged += 1;
    event.then[next.verdict] += 1;
    this.then[next.verdict] += 1;
    if (current !== undefined) this.now[current.verdict] += 1;
    for (const { kind, path, action } of next.violations) {
      const key = `${kind} ${path} ${action}`;
      const violation = event.violations.get(key) ?? { kind, path, action, count: 0, eventIds: [] };
      event.violations.set(key, violation);
      violation.count += 1;
      if (violation.eventIds.length < SAMPLES && violation.eventIds.at(-1) !== eventId) violation.eventIds.push(eventId);
    }
  }

  result(hasLive: boolean): Pick<PlanDryRun, 'judged' | 'fromRaw' | 'now' | 'then' | 'events'> {
    return {
      judged: this.judged, fromRaw: this.fromRaw, now: hasLive ? this.now : null, then: this.then,
      events: [...this.events].map(([name, { judged, then, violations }]) => ({ name, judged, then, violations: [...violations.values()].sort((one, other) => other.count - one.count).slice(0, MAX_PLACES) })),
    };
  }
}

function newVerdicts(): Verdicts {
  return { passed: 0, quarantined: 0, refused: 0 };
}
