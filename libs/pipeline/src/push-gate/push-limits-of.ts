import { DEFAULT_PUSH_LIMITS, type PushLimits } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';

/** The limits of a segment; null where it is said to have none. */
export function pushLimitsOf({ pushLimits }: Pick<WorkspaceConfiguration, 'pushLimits'>, segmentId: string): PushLimits | null {
  const own = pushLimits?.get(segmentId);
  return own === undefined ? DEFAULT_PUSH_LIMITS : own;
}

/** The fields of people that live flows over a segment send to a destination, one by one. */
export function sentPaths({ flows }: Pick<WorkspaceConfiguration, 'flows'>, { connectionId, segmentId }: { connectionId: string; segmentId: string }): string[] {
  const paths = flows.flatMap(({ compiled: { definition: { trigger, steps } }, mappings }) => (
    trigger.type !== 'segment' || trigger.segmentId !== segmentId ? [] : steps.flatMap((step) => (
      step.type !== 'deliver' || step.connectionId !== connectionId ? [] : [...(mappings.get(step.id)?.reads.values() ?? [])].flat()))));
  return [...new Set(paths)].filter((path) => /^(profile|identities)\./.test(path)).sort();
}
