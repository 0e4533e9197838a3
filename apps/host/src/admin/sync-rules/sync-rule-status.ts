import { membershipFlowIds, syncFlowId } from '@firsthand/domain';
import { storeKey, type Collections } from '@firsthand/persistence';
import { fillingOf } from '@firsthand/pipeline';
import type { SyncRuleDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { countWithin } from '../dry-run/count-within.js';
import type { Caller } from '../http/caller.js';
import { groupsFor, toldPopulation } from '../insight/groups.js';
import { summariseStopped } from './stopped-syncs.js';
import type { SyncOutcomes, SyncRuleStatus, SyncRuleStatusQuery } from './sync-rule-bodies.js';

const HOUR_MS = 3_600_000;
/** A count is worth this much of the store's time. */
const MAX_TIME_MS = 2_000;
const MAX_TIME_EXPIRED = 50;
/** Nothing had to be sent: the system has it. */
const IN_SYNC = 'in-sync';

/**
 * What became of a rule's writes, and how far its run over everybody is.
 *
 * @throws FirsthandError `NOT_FOUND`
 */
export async function readSyncRuleStatus(admin: AdminContext, caller: Caller, ruleId: string, { hours }: SyncRuleStatusQuery): Promise<SyncRuleStatus> {
  const { collections, clock } = admin;
  const { workspaceId } = caller;
  const { content } = await admin.repository.get<SyncRuleDocument>('syncRules', workspaceId, ruleId);
  const since = clock() - hours * HOUR_MS;
  const flowId = syncFlowId(ruleId);
  const [filling, fields, memberships, stopped] = await Promise.all([
    content.rule.isEnabled ? readFilling(admin, caller, flowId, content.fillsSince) : null,
    countOutcomes(collections, { workspaceId, flowId, createdAt: { $gte: since } }),
    content.rule.memberships.length === 0 ? nothing() : countOutcomes(collections, { workspaceId, flowId: membershipFlows(ruleId), createdAt: { $gte: since } }),
    summariseStopped(admin, workspaceId, ruleId),
  ]);
  return { filling, hours, fields, memberships, stopped };
}

/** The deliveries that a rule's flows have made: those of its fields, and of its memberships. */
export function deliveriesOfRule(workspaceId: string, ruleId: string) {
  return { workspaceId, $or: [{ flowId: syncFlowId(ruleId) }, { flowId: membershipFlows(ruleId) }] };
}

function membershipFlows(ruleId: string): { $gt: string; $lt: string } {
  const [after, before] = membershipFlowIds(ruleId);
  return { $gt: after, $lt: before };
}

/** People are gone through in the order of their ids. The flow of the fields stands for all of a rule: they begin together. */
async function readFilling(admin: AdminContext, caller: Caller, flowId: string, since: number): Promise<SyncRuleStatus['filling']> {
  const { collections } = admin;
  const { workspaceId } = caller;
  const row = await collections.schedules.findOne({ _id: storeKey(workspaceId, flowId) });
  const { after, isDone } = fillingOf(row ?? undefined, since);
  const everybody = { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` };
  const groups = await groupsFor(admin, caller);
  const counted = await countWithin(collections.profiles, { _id: everybody });
  const of = groups === null || counted === null ? counted : await toldPopulation(groups, counted);
  const filled = isDone ? of : after === null ? 0 : await countWithin(collections.profiles, { _id: { $gt: everybody.$gt, $lte: storeKey(workspaceId, after) } });
  // How far the run is stands in the order of random ids, which nobody can choose: rounded, it need not stand still all day.
  const shown = groups === null || filled === null || isDone ? filled : Math.min(of ?? Infinity, Math.floor(filled / groups.smallest) * groups.smallest);
  return { filled: shown, of, isDone };
}

function nothing(): SyncOutcomes {
  return { written: 0, inSync: 0, blocked: {}, failed: {}, cancelled: {}, pending: 0 };
}

/** By an index that holds rules' deliveries alone. */
async function countOutcomes({ deliveries }: Pick<Collections, 'deliveries'>, filter: object): Promise<SyncOutcomes | null> {
  const outcomes = nothing();
  try {
    const groups = await deliveries.aggregate<{ _id: { state: string; reason: string | null }; count: number }>([{ $match: filter }, { $group: { _id: { state: '$state', reason: '$reason' }, count: { $sum: 1 } } }], { maxTimeMS: MAX_TIME_MS }).toArray();
    for (const { _id: { state, reason }, count } of groups) add(outcomes, state, reason ?? 'unknown', count);
    return outcomes;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === MAX_TIME_EXPIRED) return null;
    throw error;
  }
}

function add(outcomes: SyncOutcomes, state: string, reason: string, count: number): void {
  if (state === 'delivered') outcomes.written += count;
  else if (state === 'pending') outcomes.pending += count;
  else if (state === 'cancelled' && reason === IN_SYNC) outcomes.inSync += count;
  else {
    const reasons = state === 'blocked' ? outcomes.blocked : state === 'dead' ? outcomes.failed : outcomes.cancelled;
    reasons[reason] = (reasons[reason] ?? 0) + count;
  }
}
