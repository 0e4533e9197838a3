import { randomUUID } from 'node:crypto';
import type { AuditTrail, Clock, FinishedSweep } from '@firsthand/pipeline';
import type { Metrics } from '@firsthand/platform';
import { auditContent } from '../admin/audit-log/audit-content.js';

/**
 * Tells of a sweep of what may be kept no longer, as the host's own deed: one row in the workspace's audit log with how many of each kind went, and the metrics. It names nobody. One by which nothing went is no deed: `GET /admin/v1/retention` tells of it.
 *
 * @throws FirsthandError `UNAVAILABLE`, from the function made: the sweep then goes on to be reported
 * @example createRetentionSweep({ …, report: reportSweep({ audit, clock, metrics }) });
 */
export function reportSweep({ audit, clock, metrics }: { audit: Pick<AuditTrail, 'append'>; clock: Clock; metrics: Pick<Metrics, 'retentionRemoved'> }): (workspaceId: string, sweep: FinishedSweep) => Promise<void> {
  return async (workspaceId, { counts }) => {
    if (Object.keys(counts).length === 0) return;
    const outcome = Object.entries(counts).map(([what, count]) => `${what}=${count}`).join(' ');
    await audit.append(workspaceId, auditContent({ callId: randomUUID(), actorKind: 'system', actorId: 'host', method: 'SYSTEM', route: 'retention.swept', resourceId: null, outcome, at: clock() }));
    for (const [what, count] of Object.entries(counts)) metrics.retentionRemoved.inc({ workspace: workspaceId, what }, count);
  };
}
