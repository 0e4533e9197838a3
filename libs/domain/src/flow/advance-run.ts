import type { Mapping } from '../mapping/mapping.js';
import type { ConditionSubject } from '../segment/condition-subject.js';
import { spanMs } from '../segment/span.js';
import type { CompiledFlow } from './compile-flow.js';

/** A delivery that a run has come to. */
export interface PlannedDelivery {
  stepId: string;
  connectionId: string;
  action: string;
  /** The step's purpose, else the flow's. */
  purpose: string;
  /** What the step maps beyond the destination's own defaults; undefined for nothing. */
  mapping: Mapping | undefined;
}

/** What became of one step, for run history and dry runs. */
export interface StepTrace {
  stepId: string;
  outcome: 'passed' | 'stopped' | 'waiting' | 'planned';
  reason: 'condition-holds' | 'condition-does-not-hold' | 'delay' | 'deliver';
}

/** How far a run goes now. */
export interface RunAdvance {
  /** `ended`: no step is left; `stopped`: a filter did not hold; `waiting`: go on as `wait` says. */
  outcome: 'ended' | 'stopped' | 'waiting';
  deliveries: PlannedDelivery[];
  /** Epoch ms, and the index of the step to go on from. */
  wait?: { until: number; stepIndex: number };
  trace: StepTrace[];
}

/**
 * Walks a run from a step until the end, a filter that does not hold, or a delay. It plans only: no delivery is allowed by this, that is
 * for the consent decision at the moment of sending. A delay counts from `now`; with a step index past the end the run has ended.
 *
 * @example const { deliveries, wait } = advanceRun(flow, 0, subject, now);
 */
export function advanceRun(flow: CompiledFlow, fromStepIndex: number, subject: ConditionSubject, now: number): RunAdvance {
  const { steps, purpose } = flow.definition;
  const deliveries: PlannedDelivery[] = [];
  const trace: StepTrace[] = [];
  for (const [offset, step] of steps.slice(fromStepIndex).entries()) {
    const stepIndex = fromStepIndex + offset;
    switch (step.type) {
      case 'filter':
        if (flow.conditions[stepIndex]?.evaluate(subject, now).isMember !== true) {
          trace.push({ stepId: step.id, outcome: 'stopped', reason: 'condition-does-not-hold' });
          return { outcome: 'stopped', deliveries, trace };
        }
        trace.push({ stepId: step.id, outcome: 'passed', reason: 'condition-holds' });
        break;
      case 'delay':
        trace.push({ stepId: step.id, outcome: 'waiting', reason: 'delay' });
        return { outcome: 'waiting', deliveries, wait: { until: now + spanMs(step.span), stepIndex: stepIndex + 1 }, trace };
      case 'deliver':
        deliveries.push({ stepId: step.id, connectionId: step.connectionId, action: step.action, purpose: step.purpose ?? purpose, mapping: step.mapping });
        trace.push({ stepId: step.id, outcome: 'planned', reason: 'deliver' });
    }
  }
  return { outcome: 'ended', deliveries, trace };
}
