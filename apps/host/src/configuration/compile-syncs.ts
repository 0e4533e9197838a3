import { createSyncDirectory, FirsthandError, syncFlows, type SyncDirectory, type SyncRule } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { DestinationConnection, LiveFlow } from '@firsthand/pipeline';
import { compileLiveFlow } from './compile-live-flow.js';
import { syncRuleDocument, type ConnectionDocument, type SyncRuleDocument } from './documents.js';
import type { ProblemList } from './problem-list.js';

/** The sync rules of a workspace, and the flows that they were made into. */
export interface CompiledSyncs {
  syncs: SyncDirectory;
  /** By id, those of paused rules too: what is on its way is finished. */
  flows: ReadonlyMap<string, LiveFlow>;
  /** Those that may start runs now. */
  live: readonly LiveFlow[];
}

/** A stored rule as the domain knows it. */
export function syncRuleOf({ id, version, content: { rule } }: Pick<Configured<SyncRuleDocument>, 'id' | 'version' | 'content'>): SyncRule {
  return { ...rule, ruleId: id, version };
}

/** Connection id → the system that it is of: the name given, or its own id. */
export function systemsOf(connections: readonly { id: string; content: ConnectionDocument }[]): ReadonlyMap<string, string> {
  return new Map(connections.map(({ id, content }) => [id, content.system ?? id]));
}

/**
 * Compiles the sync rules: each becomes flows of the host's own. A rule that is paused starts none, and is still known, as what it wrote may come back.
 *
 * @example compileSyncs(kinds.syncRules, { systems: systemsOf(connections), destinations }, list).live
 */
export function compileSyncs(rows: readonly Configured[], { systems, destinations }: { systems: ReadonlyMap<string, string>; destinations: ReadonlyMap<string, DestinationConnection> }, list: ProblemList): CompiledSyncs {
  const rules: SyncRule[] = [];
  const flows = new Map<string, LiveFlow>();
  const live: LiveFlow[] = [];
  for (const row of list.read('syncRules', rows, syncRuleDocument)) {
    const rule = syncRuleOf(row);
    rules.push(rule);
    for (const definition of syncFlows(rule)) {
      const compiled = list.attempt('syncRules', rule.ruleId, () => compileLiveFlow(definition, destinations));
      if (compiled === undefined) continue;
      const flow = { ...compiled.flow, fillsSince: row.content.fillsSince };
      flows.set(definition.flowId, flow);
      if (!rule.isEnabled) continue;
      live.push(flow);
      const [first] = compiled.places;
      if (first !== undefined) list.add('syncRules', rule.ruleId, new FirsthandError('INVALID_SYNC_RULE', `${definition.flowId}: ${first.message}`, compiled.places));
    }
  }
  return { syncs: createSyncDirectory(rules, (connectionId) => systems.get(connectionId) ?? connectionId), flows, live };
}
