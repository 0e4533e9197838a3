import type { StepTrace } from '@firsthand/domain';
import type { StepCountRow } from '../ports/rows.js';

/** Adds up, per flow version, how many runs came to each step and how they left it: one row each for a transaction. */
export class StepCounts {
  private readonly flows = new Map<string, { flowId: string; flowVersion: number; counts: Map<string, StepCountRow['counts'][number]> }>();

  add(flowId: string, flowVersion: number, trace: readonly StepTrace[]): void {
    for (const { stepId, outcome, reason, isNew } of trace) {
      if (isNew) this.count(flowId, flowVersion, stepId, 'entered', 1);
      if (outcome !== 'waiting') this.count(flowId, flowVersion, stepId, reason, 1);
    }
  }

  count(flowId: string, flowVersion: number, stepId: string, outcome: string, count: number): void {
    const key = `${flowId} ${flowVersion}`;
    let flow = this.flows.get(key);
    if (flow === undefined) this.flows.set(key, (flow = { flowId, flowVersion, counts: new Map() }));
    const known = flow.counts.get(`${stepId} ${outcome}`);
    if (known === undefined) flow.counts.set(`${stepId} ${outcome}`, { stepId, outcome, count });
    else known.count += count;
  }

  list(workspaceId: string): StepCountRow[] {
    return [...this.flows.values()].map(({ flowId, flowVersion, counts }) => ({ workspaceId, flowId, flowVersion, counts: [...counts.values()] }));
  }
}
