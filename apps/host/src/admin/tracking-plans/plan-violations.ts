import { DAY_MS, FirsthandError } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { minuteOf } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { PlanViolations, PlanViolationsQuery } from './tracking-plan-bodies.js';

const MAX_SPAN_MS = 31 * DAY_MS;
const COUNTED = /^plan\.([A-Za-z]+)(?:\.([a-z]+))?$/;
/** A minute as the ids of the ledger hold it. */
const DIGITS = 13;

/**
 * How records differed from the plans of their connections, summed from the ledger: of each connection only the rows of that time are read, by their ids.
 *
 * @throws FirsthandError `INVALID_REQUEST` for more than 31 days
 */
export async function readPlanViolations(admin: AdminContext, { workspaceId }: Caller, { connectionId, from, to }: PlanViolationsQuery): Promise<PlanViolations> {
  const end = minuteOf(to === undefined ? admin.clock() + 60_000 : Date.parse(to));
  const start = minuteOf(from === undefined ? end - DAY_MS : Date.parse(from));
  if (end - start > MAX_SPAN_MS) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/from', message: 'the span from..to is at most 31 days' }]);
  const { sources } = admin.configuration.workspace(workspaceId);
  const wanted = [...sources.values()].filter((source) => (connectionId === undefined ? source.trackingPlan !== undefined : source.connectionId === connectionId)).map((source) => source.connectionId);
  const items: PlanViolations['items'] = [];
  for (const id of wanted) items.push(await sumOf(admin, workspaceId, id, { start, end }));
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString(), items };
}

async function sumOf({ collections: { ledger } }: AdminContext, workspaceId: string, connectionId: string, { start, end }: { start: number; end: number }): Promise<PlanViolations['items'][number]> {
  const at = (minute: number): string => storeKey(workspaceId, connectionId, String(Math.max(0, minute)).padStart(DIGITS, '0'));
  const sums = ledger.aggregate<{ _id: string; count: number }>([
    { $match: { _id: { $gte: at(start), $lt: at(end) }, workspaceId } },
    { $project: { counts: { $objectToArray: '$counts' } } },
    { $unwind: '$counts' },
    { $match: { 'counts.k': /^(?:received$|plan\.)/ } },
    { $group: { _id: '$counts.k', count: { $sum: '$counts.v' } } },
  ]);
  const item: PlanViolations['items'][number] = { connectionId, received: 0, violations: {} };
  for await (const { _id, count } of sums) {
    if (_id === 'received') item.received = count;
    const [, kind, action = kind] = COUNTED.exec(_id) ?? [];
    if (kind !== undefined && action !== undefined) (item.violations[kind] ??= {})[action] = count;
  }
  return item;
}
