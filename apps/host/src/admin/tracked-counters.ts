import { compileCondition, compileFlow, FirsthandError, isConditional, type ActivityKey, type FlowDefinition } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { SegmentDocument } from '../configuration/documents.js';
import type { FlowContent } from './documents.js';

/** By stored key, the counters with conditions that live segments and flows ask for, read at this moment. */
export async function trackedCounters(repository: Pick<ConfigurationRepository, 'list'>, workspaceId: string): Promise<Map<string, ActivityKey>> {
  const segments = await repository.list<SegmentDocument>('segments', workspaceId);
  const flows = await repository.list<FlowContent>('flows', workspaceId);
  const keys = [
    ...segments.flatMap(({ content: { status, published } }) => (status === 'live' && published !== null ? keysOf(() => compileCondition(published.condition)) : [])),
    ...flows.flatMap(({ content: { status, liveVersion, versions } }) => {
      const live = status === 'live' ? versions.find(({ version }) => version === liveVersion) : undefined;
      return live === undefined ? [] : keysOf(() => compileFlow(live as FlowDefinition));
    }),
  ];
  return new Map(keys.filter(isConditional).map((counter) => [counter.key, counter]));
}

/** What does not compile is left out of the running configuration too, and so keeps no counter. */
function keysOf(compile: () => { activityKeys: readonly ActivityKey[] }): readonly ActivityKey[] {
  try {
    return compile().activityKeys;
  } catch (error) {
    if (error instanceof FirsthandError) return [];
    throw error;
  }
}
