import type { SyncRule } from '@firsthand/domain';
import type { ConfigurationSource } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';
import type { StoppedGroup, StoppedSync } from '../ports/sync-states.js';

/**
 * Which fields rules that are in force would write and do not, since their values went to and fro, and of how many people; of one connection where it is given. Nothing is read where there are no rules.
 *
 * @throws FirsthandError `UNAVAILABLE`
 */
export async function countStopped({ store, configuration }: { store: Pick<Store, 'syncs'>; configuration: ConfigurationSource }, workspaceId: string, of?: Pick<StoppedSync, 'connectionId'>): Promise<StoppedGroup[]> {
  const rules = (configuration.workspace(workspaceId).syncs?.rules ?? []).filter(({ isEnabled }) => isEnabled);
  if (rules.length === 0) return [];
  return (await store.syncs.countStopped(workspaceId, of)).filter((group) => rules.some((rule) => writes(rule, group)));
}

function writes(rule: SyncRule, { ruleId, connectionId, field }: StoppedGroup): boolean {
  return rule.ruleId === ruleId && rule.connectionId === connectionId && rule.fields.some((one) => one.field === `profile.${field}`);
}
