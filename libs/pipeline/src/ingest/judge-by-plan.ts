import type { JsonObject, PlanJudgement } from '@firsthand/domain';
import type { SourceConnection } from '../ports/configuration.js';
import type { InboxRecord } from '../ports/rows.js';

/** Why a record is refused that its tracking plan does not let in: the ledger counts it so. */
export const PLAN_REFUSAL = 'tracking-plan';

/** What the tracking plan of a connection made of a record. */
export interface PlanOutcome extends Pick<PlanJudgement, 'tree' | 'verdict' | 'flags'> {
  fault: InboxRecord['fault'];
  /** What is told of it, whatever becomes of the record. */
  noted: Pick<InboxRecord, 'plan'>;
}

/**
 * Judges what the mapping made of a record by its connection's plan; undefined where it has none. Never throws: a check that fails lets nothing through.
 *
 * @example judgeByPlan(tree, connection)?.verdict
 */
export function judgeByPlan(tree: JsonObject, { trackingPlan, connectionId }: Pick<SourceConnection, 'trackingPlan' | 'connectionId'>): PlanOutcome | undefined {
  if (trackingPlan === undefined) return undefined;
  const { version: planVersion } = trackingPlan;
  try {
    const { verdict, rule, places, flags, counts, tree: judged } = trackingPlan.judge(tree, connectionId);
    return {
      tree: judged, verdict, flags, fault: verdict === 'quarantined' ? { code: 'TRACKING_PLAN_VIOLATED', places, planVersion, ...(rule === null ? {} : { rule }) } : null,
      noted: Object.keys(counts).length === 0 ? {} : { plan: { version: planVersion, counts } },
    };
  } catch {
    // What was thrown may quote the record.
    const fault = { code: 'TRACKING_PLAN_FAILED', places: [{ path: '', message: 'the tracking plan could not judge this record' }], rule: `${trackingPlan.planId}:failed`, planVersion };
    return { tree, verdict: 'quarantined', flags: [], fault, noted: { plan: { version: planVersion, counts: { failed: 1 } } } };
  }
}
