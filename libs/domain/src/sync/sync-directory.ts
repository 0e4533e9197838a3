import { ruleIdOf, syncFlowId } from './sync-flows.js';
import type { SyncRule } from './sync-rule.js';

/** The rules of a workspace that are in force, by what is asked of them. */
export interface SyncDirectory {
  readonly rules: readonly SyncRule[];
  /** Those that write to the system which a source connection is of: what comes from there may be what they wrote. */
  ofSource(connectionId: string): readonly SyncRule[];
  /** The rule whose flow for fields this is. */
  ofFlow(flowId: string | null): SyncRule | undefined;
  /** The name of the outside system that a connection is of. */
  systemOf(connectionId: string): string;
}

/**
 * Rules by system. `systemOf` gives the name of the outside system that a connection is of: what connections of one system say and are told is of one copy.
 *
 * @example createSyncDirectory(rules, (id) => systems.get(id) ?? id).ofSource('hubspot-webhooks')
 */
export function createSyncDirectory(rules: readonly SyncRule[], systemOf: (connectionId: string) => string): SyncDirectory {
  const bySystem = new Map<string, SyncRule[]>();
  const byId = new Map(rules.map((rule) => [rule.ruleId, rule]));
  for (const rule of rules) bySystem.set(systemOf(rule.connectionId), [...(bySystem.get(systemOf(rule.connectionId)) ?? []), rule]);
  return {
    rules,
    systemOf,
    ofSource: (connectionId) => bySystem.get(systemOf(connectionId)) ?? [],
    ofFlow: (flowId) => {
      const ruleId = ruleIdOf(flowId);
      return ruleId === undefined || flowId !== syncFlowId(ruleId) ? undefined : byId.get(ruleId);
    },
  };
}
