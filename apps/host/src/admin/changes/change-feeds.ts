import { storeKey } from '@firsthand/persistence';
import { feedLane, type FeedPlace } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

const time = z.iso.datetime().nullable();
const changeFeedStateSchema = z.object({
  connectionId: z.string(), kinds: z.array(z.string()).nullable(), behind: z.int().nullable().meta({ description: 'How many changes it has not been told of; null where it has missed some, or was never begun.' }),
  attempt: z.int().meta({ description: 'Tries of the next message so far.' }), failingSince: time, nextTryAt: time,
});
export const changeFeedsSchema = z.object({ items: z.array(changeFeedStateSchema), nextCursor: z.string().nullable() }).meta({ id: 'ChangeFeeds' });
export type ChangeFeeds = z.infer<typeof changeFeedsSchema>;
export const CHANGE_FEEDS_EXAMPLE: ChangeFeeds = {
  items: [{ connectionId: 'our-warehouse', kinds: ['consent', 'identity'], behind: 12, attempt: 3, failingSince: '2026-11-24T08:00:00.000Z', nextTryAt: '2026-11-24T08:00:12.000Z' }], nextCursor: null,
};

/** The webhooks that are told of changes, and how far each has come. */
export async function listChangeFeeds({ configuration, collections, changes }: AdminContext, { workspaceId }: Caller): Promise<ChangeFeeds> {
  const keeping = configuration.workspace(workspaceId).changes;
  if (keeping === undefined || keeping.feeds.length === 0) return { items: [], nextCursor: null };
  const keyOf = (connectionId: string): string => storeKey(workspaceId, feedLane(connectionId));
  const rows = await collections.lanes.find({ _id: { $in: keeping.feeds.map(({ connectionId }) => keyOf(connectionId)) } }, { projection: { cursor: 1, nextAt: 1 } }).toArray();
  const stored = new Map(rows.map((row) => [row._id, row]));
  const last = await changes.last(workspaceId);
  const items = keeping.feeds.map(({ connectionId, kinds }) => {
    const row = stored.get(keyOf(connectionId));
    const place = row?.cursor === undefined ? undefined : JSON.parse(row.cursor) as FeedPlace;
    const { after = -1, attempt = 0, failingSince = null } = place?.since === keeping.since ? place : {};
    return {
      connectionId, kinds: kinds === null ? null : [...kinds], behind: after < 0 ? null : Math.max(0, last - after), attempt, failingSince: failingSince === null ? null : new Date(failingSince).toISOString(),
      nextTryAt: attempt === 0 || row?.nextAt === undefined ? null : new Date(row.nextAt).toISOString(),
    };
  });
  return { items, nextCursor: null };
}
