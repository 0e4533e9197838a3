import type { Collections } from '../store/collections.js';

/** Deletes what no hold that is in force keeps: a hold that is prolonged in time goes on to keep it. Gives how many rows. */
export async function sweepHeld({ heldData, legalHolds }: Pick<Collections, 'heldData' | 'legalHolds'>, now: number): Promise<number> {
  const kept = await heldData.aggregate<{ _id: { workspaceId: string; category: string } }>([{ $group: { _id: { workspaceId: '$workspaceId', category: '$category' } } }]).toArray();
  let deleted = 0;
  for (const { _id: { workspaceId, category } } of kept) {
    const isHeld = (await legalHolds.findOne({ workspaceId, 'content.category': category as never, 'content.until': { $gt: now } }, { projection: { _id: 1 } })) !== null;
    if (!isHeld) deleted += (await heldData.deleteMany({ workspaceId, category: category as never })).deletedCount;
  }
  return deleted;
}
