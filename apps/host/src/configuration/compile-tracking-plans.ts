import { compileTrackingPlan, FirsthandError, missingTrackingPlan, type CompiledTrackingPlan } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { CompileCache } from './compile-cache.js';
import { trackingPlanDocument } from './documents.js';
import type { ProblemList } from './problem-list.js';

/** A connection's plan, and what it depends on. */
export interface ConnectionPlan {
  compiled: CompiledTrackingPlan | undefined;
  stamp: string;
}

/** The plans of a workspace. */
export interface CompiledTrackingPlans {
  /** The plan that a connection names. One that is not there, or not published, lets nothing through; a connection that names none has none. */
  of(planId: string | null, connectionId: string): ConnectionPlan;
}

/** Compiles the live versions, once each. A plan that cannot be used is reported, and its connections' events are put aside. */
export function compileTrackingPlans(rows: readonly Configured[], list: ProblemList, cache: CompileCache): CompiledTrackingPlans {
  const plans = new Map<string, ConnectionPlan>();
  for (const { id, content: { live } } of list.read('trackingPlans', rows, trackingPlanDocument)) {
    if (live === null) continue;
    // A version never changes; one of another plan that had this id was published at another time.
    const stamp = `${id} ${live.version} ${live.publishedAt}`;
    plans.set(id, { compiled: cache.reuse(`plan ${id}`, stamp, () => compileTrackingPlan(live.plan, { planId: id, version: live.version })), stamp });
  }
  const missing = (planId: string, connectionId: string): ConnectionPlan => {
    list.add('connections', connectionId, new FirsthandError('TRACKING_PLAN_FAILED', `Its tracking plan ${planId} has no published version that can be read: its events are put aside.`));
    return { compiled: missingTrackingPlan(planId), stamp: `${planId} missing` };
  };
  return { of: (planId, connectionId) => (planId === null ? { compiled: undefined, stamp: '' } : plans.get(planId) ?? missing(planId, connectionId)) };
}
