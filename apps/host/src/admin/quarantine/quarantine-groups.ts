import { storeKey, type StoredQuarantine } from '@firsthand/persistence';
import { groupsOf } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, pageQuerySchema, type Page } from '../http/page.js';
import { peopleMask } from '../profiles/people-mask.js';
import { keptQuarantine, quarantineSchema } from './quarantine.js';
import { connectionsWithin } from './quarantine-selection.js';

/** Of each group, the latest. */
const SAMPLES = 3;
const AT_ONCE = 5;

export const quarantineGroupQuerySchema = pageQuerySchema.extend({ limit: z.coerce.number().int().min(1).max(50).default(50).meta({ description: 'Groups per page.' }), connectionId: z.string().max(200).optional() });
export type QuarantineGroupQuery = z.infer<typeof quarantineGroupQuerySchema>;

export const quarantineGroupSchema = z.object({
  id: z.string(), ...quarantineSchema.pick({ connectionId: true, code: true, places: true, mappingVersion: true, rule: true, planVersion: true }).shape,
  count: z.int(), firstReceivedAt: z.iso.datetime(), lastReceivedAt: z.iso.datetime(),
  samples: z.array(z.object({ id: z.string(), receivedAt: z.iso.datetime(), raw: z.unknown().nullable() })).meta({ description: 'The latest; `raw` is null for who may not see personal data.' }),
}).meta({ id: 'QuarantineGroup' });
export type QuarantineGroupView = z.infer<typeof quarantineGroupSchema>;

interface Group {
  id: string;
  firstReceivedAt: number;
  count: number;
  /** The latest, newest first. */
  samples: StoredQuarantine[];
}

/** What was set aside by its cause, ordered by connection and code: how many, since when, and the latest of each. Groups are found by leaps through an index, and counted from it alone. */
export async function listGroups(admin: AdminContext, caller: Caller, { limit, cursor, connectionId }: QuarantineGroupQuery): Promise<Page<QuarantineGroupView>> {
  const { showsRaw } = peopleMask(admin, caller);
  const found = await findGroups(admin, caller, { after: decodeCursor(cursor) ?? '', most: limit + 1, connectionId });
  const groups: Group[] = [];
  // A few at a time: all at once would open a connection for each.
  for (let at = 0; at < Math.min(limit, found.length); at += AT_ONCE) groups.push(...await Promise.all(found.slice(at, Math.min(at + AT_ONCE, limit)).map((first) => readGroup(admin, caller, first, showsRaw))));
  // The records of one may have gone between two looks.
  const items = groups.flatMap((group) => (group.samples.length === 0 ? [] : [view(group, showsRaw)]));
  const last = found.length > limit ? found[limit - 1] : undefined;
  return { items, nextCursor: last === undefined ? null : encodeCursor(last.groupId) };
}

interface First {
  groupId: string;
  receivedAt: number;
}

/** The first record of each of the next groups: in this form MongoDB leaps from group to group in the index. */
async function findGroups({ collections: { quarantine } }: AdminContext, caller: Caller, { after, most, connectionId }: { after: string; most: number; connectionId: string | undefined }): Promise<First[]> {
  const { $gte = '', ...range } = connectionId === undefined ? {} : groupsOf(connectionId);
  const found = await quarantine.aggregate<{ _id: string; receivedAt: number }>([
    { $match: { workspaceId: caller.workspaceId, groupId: { ...($gte > after ? { $gte } : { $gt: after }), ...range }, ...withinReach(connectionsWithin(caller, 'read')) } satisfies mongo.Filter<StoredQuarantine> },
    { $sort: { workspaceId: 1, groupId: 1, receivedAt: 1 } }, { $group: { _id: '$groupId', receivedAt: { $first: '$receivedAt' } } }, { $sort: { _id: 1 } }, { $limit: most },
  ]).toArray();
  return found.map(({ _id, receivedAt }) => ({ groupId: _id, receivedAt }));
}

/** How many there are, with those that the sweep of this day has not come to yet; the latest that may be kept still. */
async function readGroup(admin: AdminContext, { workspaceId }: Caller, { groupId, receivedAt }: First, showsRaw: boolean): Promise<Group> {
  const { collections: { quarantine }, connection } = admin;
  const [counted, samples] = await Promise.all([
    // The command, for it counts keys; `countDocuments` is an aggregation and takes three times as long.
    connection.getClient().db(connection.name).command({ count: quarantine.collectionName, query: { workspaceId, groupId } }),
    quarantine.find({ workspaceId, groupId, ...keptQuarantine(admin) }, { sort: { receivedAt: -1, _id: -1 }, limit: SAMPLES, ...(showsRaw ? {} : { projection: { raw: 0, original: 0, edits: 0 } }) }).toArray(),
  ]);
  return { id: groupId, firstReceivedAt: receivedAt, count: Number(counted.n), samples };
}

function withinReach(connectionIds: readonly string[] | null): mongo.Filter<StoredQuarantine> {
  if (connectionIds === null) return {};
  // An empty `$or` is refused; nobody has this id.
  return { $or: [{ groupId: '' }, ...connectionIds.map((id) => ({ groupId: groupsOf(id) }))] };
}

function view({ id, firstReceivedAt, count, samples }: Group, showsRaw: boolean): QuarantineGroupView {
  const { connectionId, code, places, mappingVersion, rule, planVersion, workspaceId, receivedAt } = samples[0] as StoredQuarantine;
  return {
    id, connectionId, code, places, mappingVersion, rule: rule ?? null, planVersion: planVersion ?? null, count, firstReceivedAt: new Date(firstReceivedAt).toISOString(), lastReceivedAt: new Date(receivedAt).toISOString(),
    samples: samples.map((sample) => ({ id: sample._id.slice(storeKey(workspaceId, '').length), receivedAt: new Date(sample.receivedAt).toISOString(), raw: showsRaw ? JSON.parse(sample.raw) as unknown : null })),
  };
}
