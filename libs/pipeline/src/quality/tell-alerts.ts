import type { Clock } from '../ports/configuration.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import { groupBy } from '../group-by.js';
import type { QualityAlertRow } from './quality-rows.js';
import type { QualityStore } from './quality-store.js';

/** Tells one receiver. Rejects when it was not taken. It may be told the same again, after a crash. */
export type SendQualityAlert = (alert: QualityAlertRow) => Promise<void>;

/** What nobody has taken for so long is news no more. */
export const ALERT_GIVE_UP_MS = 86_400_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 900_000;

/**
 * Tells what is due: receivers side by side, each in the order in which it happened, at least once, again with growing waits for a day. One that takes nothing holds up its own alone.
 *
 * @param keepAlive prolongs the lease; throws FenceLost where it is another's
 */
export async function tellAlerts(workspaceId: string, { quality, send, clock, log }: { quality: QualityStore; send: SendQualityAlert; clock: Clock; log: PipelineLog }, keepAlive: () => Promise<void>): Promise<void> {
  const due = await quality.findDueAlerts(workspaceId, clock());
  if (due.length === 0) return;
  await keepAlive();
  await Promise.all([...groupBy(due, ({ to }) => to).values()].map(async (own) => {
    for (const alert of own) if (!(await tellOne(alert))) return;
  }));

  async function tellOne(alert: QualityAlertRow): Promise<boolean> {
    const isTold = await send(alert).then(() => true, () => false);
    const now = clock();
    const isGivenUp = !isTold && now - alert.createdAt >= ALERT_GIVE_UP_MS;
    const attempt = alert.attempt + 1;
    if (isTold || isGivenUp) await quality.settleAlert({ alertId: alert.alertId, attempt, dueAt: null, end: { at: now, as: isTold ? 'told' : 'given-up' } });
    // Doubled only as far as a number of seconds can be.
    else await quality.settleAlert({ alertId: alert.alertId, attempt, dueAt: now + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(alert.attempt, 10)), end: null });
    if (isGivenUp) log.warn({ workspaceId, expectationId: alert.expectationId, connectionId: alert.to }, 'Nobody was told of an expectation: its receiver took it for a day not.');
    return isTold || isGivenUp;
  }
}
