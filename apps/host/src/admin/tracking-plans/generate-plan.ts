import { createPlanObserver, DAY_MS } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import { readConnection } from '../connections/connections.js';
import type { Caller } from '../http/caller.js';
import { readPlanEvents } from './read-plan-events.js';
import type { GeneratedPlan, GeneratePlan } from './tracking-plan-bodies.js';
import { createPlan } from './tracking-plans.js';

/**
 * Makes the draft of a plan from what was seen: what is always there is required, and a few texts that come again and again are the allowed values, of fields alone that say nothing of a person.
 *
 * @throws FirsthandError `NOT_FOUND` for a connection, `CONFLICT`
 */
export async function generatePlan(admin: AdminContext, caller: Caller, { id, name, connections, days, perEvent }: GeneratePlan): Promise<GeneratedPlan> {
  const { workspaceId } = caller;
  for (const connectionId of connections) await readConnection(admin, workspaceId, connectionId);
  const observer = createPlanObserver(admin.configuration.workspace(workspaceId).dictionary);
  for await (const page of readPlanEvents(admin, { workspaceId, connectionIds: connections, since: admin.clock() - days * DAY_MS, perEvent })) {
    for (const { tree } of page) observer.observe(tree);
  }
  const { plan, observed, leftOut } = observer.plan();
  const description = `Made from ${observed} events of ${connections.join(', ')}, of the last ${days} days.`.slice(0, 2_000);
  return { plan: await createPlan(admin, caller, { ...(id === undefined ? {} : { id }), name, description, plan }), observed, leftOut };
}
