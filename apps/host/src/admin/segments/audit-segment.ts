import { FirsthandError, type Condition } from '@firsthand/domain';
import { matchingPeople, storeKey } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

const MAX_TIME_MS = 60_000;

export const segmentAuditSchema = z.object({
  segmentId: z.string(), version: z.int(),
  members: z.int().meta({ description: 'Who is in it, as stored.' }),
  expected: z.int().meta({ description: 'Who belongs in it by a query over everybody.' }),
  missing: z.int().meta({ description: 'Who belongs in it and is not.' }),
  surplus: z.int().meta({ description: 'Who is in it and does not belong.' }),
}).meta({ id: 'SegmentAudit' });
export type SegmentAudit = z.infer<typeof segmentAuditSchema>;

/**
 * Compares the stored members of a live segment with those that a query over everybody finds now: the one was kept up event by event and by due times, the
 * other knows nothing of that. People whose change is due or being written at this moment may differ for some seconds.
 *
 * @throws FirsthandError `CONFLICT` when it is not live, or waits for its counters
 */
export async function auditSegment({ collections, configuration, clock }: AdminContext, { workspaceId }: Caller, segmentId: string): Promise<SegmentAudit> {
  const rules = configuration.workspace(workspaceId);
  const segment = rules.segments.find((live) => live.segmentId === segmentId);
  if (segment === undefined) throw new FirsthandError('CONFLICT', 'It is not live, or its counters are being filled.');
  const { condition, purpose, version } = segment;
  const stored = { [`memberships.${segmentId}.isMember`]: true };
  const belonging = (conditions: readonly Condition[]) => matchingPeople({ workspaceId, conditions, rules, now: clock() });
  const count = async (stages: ReturnType<typeof matchingPeople>): Promise<number> => {
    const [row] = await collections.profiles.aggregate<{ count: number }>([...stages, { $count: 'count' }], { maxTimeMS: MAX_TIME_MS }).toArray();
    return row?.count ?? 0;
  };
  const rule = [condition.tree, { consent: purpose }];
  const [members, expected, both] = await Promise.all([
    count([{ $match: { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` }, ...stored } }]), count(belonging(rule)), count(belonging([{ segment: segmentId }, ...rule])),
  ]);
  return { segmentId, version, members, expected, missing: expected - both, surplus: members - both };
}
