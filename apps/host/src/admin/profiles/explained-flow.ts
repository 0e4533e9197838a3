import { FirsthandError, ruleIdOf, syncFlows, type FlowDefinition } from '@firsthand/domain';
import { syncRuleOf } from '../../configuration/compile-syncs.js';
import type { SyncRuleDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { FlowContent } from '../documents.js';
import { versionOf } from '../flows/flow-runs.js';
import { refuseHidden } from '../flows/flows.js';
import type { Caller } from '../http/caller.js';
import { refuseHiddenInRule } from '../sync-rules/sync-rules.js';
import { workspaceEnvironment } from '../workspace-environment.js';

/** A flow that is to be explained, of people or of a sync rule. */
export interface ExplainedFlow {
  /** All that there ever were, as far as they are known. */
  versions: readonly FlowDefinition[];
  /** What starts runs now; why nothing does. */
  live: FlowDefinition | { reason: 'flow-not-live' | 'flow-paused'; words: string };
  /** Of a rule: since when, as epoch ms, it is to go through everybody. */
  fillsSince?: number;
}

/** @throws FirsthandError `NOT_FOUND`; `FORBIDDEN` where it is live and reads what the caller may not */
export async function findExplainedFlow(admin: AdminContext, caller: Caller, flowId: string): Promise<ExplainedFlow> {
  const ruleId = ruleIdOf(flowId);
  return ruleId === undefined ? ofPeople(admin, caller, flowId) : ofRule(admin, caller, ruleId, flowId);
}

async function ofPeople(admin: AdminContext, { workspaceId, ability }: Caller, flowId: string): Promise<ExplainedFlow> {
  const { content } = await admin.repository.get<FlowContent>('flows', workspaceId, flowId);
  const { versions, status } = content;
  if (status === 'paused') return { versions, live: { reason: 'flow-paused', words: 'The flow is paused: it starts nobody, sends nothing, and who waits in it goes on when it is resumed.' } };
  if (status !== 'live') return { versions, live: { reason: 'flow-not-live', words: 'The flow is not live.' } };
  const live = versionOf(content, undefined);
  refuseHidden(live, await workspaceEnvironment(admin, workspaceId), ability);
  return { versions, live };
}

async function ofRule({ repository }: AdminContext, { workspaceId, ability }: Caller, ruleId: string, flowId: string): Promise<ExplainedFlow> {
  const row = await repository.get<SyncRuleDocument>('syncRules', workspaceId, ruleId);
  const { rule, fillsSince } = row.content;
  const definition = syncFlows(syncRuleOf(row)).find((one) => one.flowId === flowId);
  if (definition === undefined) throw new FirsthandError('NOT_FOUND', 'The rule has no such flow.');
  if (!rule.isEnabled) return { versions: [definition], live: { reason: 'flow-not-live', words: 'The rule is paused.' } };
  refuseHiddenInRule(ability, rule);
  return { versions: [definition], live: definition, fillsSince };
}
