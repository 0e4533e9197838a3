import { storeKey, type StoredQuarantine } from '@firsthand/persistence';
import { groupsOf, quarantineKeptSince } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, pageQuerySchema, toPage, type Page } from '../http/page.js';
import { peopleMask } from '../profiles/people-mask.js';
import { quarantineSchema } from './quarantine.js';
import { connectionsWithin } from './quarantine-selection.js';

/** Of each group, the latest. */
const SAMPLES = 3;

export const quarantineGroupQuerySchema = pageQuerySchema.extend({ connectionId: z.string().max(200).optional() });
export type QuarantineGroupQuery = z.infer<typeof quarantineGroupQuerySchema>;

export const quarantineGroupSchema = z.object({
  id: z.string(), ...quarantineSchema.pick({ connectionId: true, code: true, places: true, mappingVersion: true }).shape,
  count: z.int(), firstReceivedAt: z.iso.datetime(), lastReceivedAt: z.iso.datetime(),
  samples: z.array(z.object({ id: z.string(), receivedAt: z.iso.datetime(), raw: z.unknown().nullable() })).meta({ description: 'The latest; `raw` is null for who may not see personal data.' }),
}).meta({ id: 'QuarantineGroup' });
export type QuarantineGroupView = z.infer<typeof quarantineGroupSchema>;

interface Counted {
  _id: string;
  count: number;
  first: number;
  last: number;
}

/** What was set aside by its cause, ordered by connection and code: how many, since when, and the latest of each. Counted from an index alone. */
export async function listGroups(admin: AdminContext, caller: Caller, { limit, cursor, connectionId }: QuarantineGroupQuery): Promise<Page<QuarantineGroupView>> {
  const { workspaceId } = caller;
  const { quarantine } = admin.collections;
  const match: mongo.Filter<StoredQuarantine> = {
    workspaceId, groupId: { $gt: decodeCursor(cursor) ?? '', ...(connectionId === undefined ? {} : groupsFrom(connectionId, decodeCursor(cursor))) }, quarantinedAt: { $gte: quarantineKeptSince(admin.operatorDays, admin.clock()) },
    ...withinReach(connectionsWithin(caller, 'read')),
  };
  const counted = await quarantine.aggregate<Counted>([
    { $match: match }, { $group: { _id: '$groupId', count: { $sum: 1 }, first: { $min: '$receivedAt' }, last: { $max: '$receivedAt' } } }, { $sort: { _id: 1 } }, { $limit: limit + 1 },
  ]).toArray();
  const { showsRaw } = peopleMask(admin, caller);
  const samples = new Map(await Promise.all(counted.slice(0, limit).map(async ({ _id }) => (
    [_id, await quarantine.find({ workspaceId, groupId: _id }, { sort: { receivedAt: -1, _id: -1 }, limit: SAMPLES, ...(showsRaw ? {} : { projection: { raw: 0 } }) }).toArray()] as const))));
  const { items, nextCursor } = toPage(counted, limit, (group) => view(group, samples.get(group._id) ?? [], showsRaw), ({ _id }) => _id);
  return { items: items.flatMap((group) => group ?? []), nextCursor };
}

function groupsFrom(connectionId: string, after: string | undefined): { $gte: string; $lt: string } {
  const { $gte, $lt } = groupsOf(connectionId);
  return { $gte: after !== undefined && after > $gte ? after : $gte, $lt };
}

function withinReach(connectionIds: readonly string[] | null): mongo.Filter<StoredQuarantine> {
  if (connectionIds === null) return {};
  // An empty `$or` is refused; nobody has this id.
  return { $or: [{ groupId: '' }, ...connectionIds.map((id) => ({ groupId: groupsOf(id) }))] };
}

function view({ _id, count, first, last }: Counted, samples: readonly StoredQuarantine[], showsRaw: boolean): QuarantineGroupView | null {
  const [latest] = samples;
  // Its records have gone between the two looks.
  if (latest === undefined) return null;
  const { connectionId, code, places, mappingVersion, workspaceId } = latest;
  return {
    id: _id, connectionId, code, places, mappingVersion, count, firstReceivedAt: new Date(first).toISOString(), lastReceivedAt: new Date(last).toISOString(),
    samples: samples.map(({ _id: id, receivedAt, raw }) => ({ id: id.slice(storeKey(workspaceId, '').length), receivedAt: new Date(receivedAt).toISOString(), raw: showsRaw ? JSON.parse(raw) as unknown : null })),
  };
}
