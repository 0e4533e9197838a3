import { compileFlow, FirsthandError } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { FlowToRead } from './dry-run/live-flows-with.js';
import type { FlowContent, FlowDraft } from './documents.js';

/**
 * The ids of the flows of which the draft, or a published version that `counts`, meets a test. What does not compile runs nowhere and refers to
 * nothing.
 *
 * @param counts whether a version still matters; every one when left out
 * @example flowsWith(flows, (flow) => readsSegment(flow, 'vip'))
 */
export function flowsWith(flows: readonly Configured<FlowContent>[], meets: (flow: FlowToRead) => boolean, counts: (flowId: string, version: number, content: FlowContent) => boolean = () => true): string[] {
  return flows.filter(({ id, content }) => {
    const versions = content.versions.filter(({ version }) => counts(id, version, content));
    return [content.draft, ...versions].some((definition) => definitionMeets(definition, meets));
  }).map(({ id }) => id);
}

function definitionMeets(draft: FlowDraft, meets: (flow: FlowToRead) => boolean): boolean {
  try {
    return meets({ compiled: compileFlow({ flowId: 'read', version: 1, ...draft }) });
  } catch (error) {
    if (error instanceof FirsthandError) return false;
    throw error;
  }
}
