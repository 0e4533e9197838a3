import { FirsthandError, type Condition } from '@firsthand/domain';
import { matchingPeople } from '@firsthand/persistence';
import { z } from 'zod';
import type { SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { groupsFor } from '../insight/groups.js';
import { sumOverSlices } from './id-slices.js';

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
 * @throws FirsthandError `FORBIDDEN` to who may not read profiles, `NOT_FOUND`, `CONFLICT` when it is not live, or waits for its counters, `UNAVAILABLE` when there are too many people to be compared in a minute
 */
export async function auditSegment(admin: AdminContext, caller: Caller, segmentId: string): Promise<SegmentAudit> {
  const { collections, configuration, repository, clock } = admin;
  const { workspaceId } = caller;
  // Its numbers are about single people, or nothing.
  if ((await groupsFor(admin, caller)) !== null) throw new FirsthandError('FORBIDDEN');
  await repository.get<SegmentDocument>('segments', workspaceId, segmentId);
  const rules = configuration.workspace(workspaceId);
  const segment = rules.segments.find((live) => live.segmentId === segmentId);
  if (segment === undefined) throw new FirsthandError('CONFLICT', 'It is not live, or its counters are being filled.');
  const { condition, purpose, version } = segment;
  const rule = [condition.tree, { consent: purpose }];
  const now = clock();
  const counts = await sumOverSlices(async (slice, maxTimeMS) => {
    const count = async (conditions: readonly Condition[]): Promise<number> => {
      const [row] = await collections.profiles.aggregate<{ count: number }>([...matchingPeople({ workspaceId, conditions, rules, now, ...slice }), { $count: 'count' }], { maxTimeMS }).toArray();
      return row?.count ?? 0;
    };
    const [members, expected, both] = await Promise.all([count([{ segment: segmentId }]), count(rule), count([{ segment: segmentId }, ...rule])]);
    return { members, expected, both };
  }, MAX_TIME_MS);
  if (counts === null) throw new FirsthandError('UNAVAILABLE', 'There are too many people to compare them within a minute.');
  const { members, expected, both } = counts;
  return { segmentId, version, members, expected, missing: expected - both, surplus: members - both };
}
