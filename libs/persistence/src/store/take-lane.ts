import { GENESIS_HASH, type Lane, type LaneLease } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { storeKey } from './store-key.js';
import type { StoredLane } from './stored-rows.js';

/**
 * Takes a lane whose lease has ended or is the holder's own, and grows its fence; makes the lane at its first use, its chain at seq 0. Outside a
 * transaction a lane that is held by another shows as a duplicate key, or null where the lane was looked for first. Within one a lane that its holder never
 * gave back is left alone as well: what that one had in flight is to be looked into first, by who takes it up outside.
 */
export async function takeLane(
  lanes: mongo.Collection<StoredLane>, lane: Lane, { holder, until, now }: { holder: string; until: number; now: number }, session?: mongo.ClientSession,
): Promise<LaneLease | null> {
  const _id = laneKey(lane);
  // Within a transaction one duplicate key aborts everything: look first whether an upsert would insert beside a lane that is held.
  if (session !== undefined && (await lanes.findOne({ _id, holder: { $nin: [null, holder] } }, { session, projection: { _id: 1 } })) !== null) return null;
  const former = await lanes.findOneAndUpdate(
    { _id, $or: [{ until: { $lte: now } }, { holder }] },
    {
      $inc: { fence: 1 },
      $set: { holder, until },
      $setOnInsert: { schemaVersion: 1, workspaceId: lane.workspaceId, connectionId: lane.connectionId, chainSeq: 0, chainHash: GENESIS_HASH },
    },
    { upsert: true, returnDocument: 'before', ...(session === undefined ? {} : { session }) },
  );
  const { workspaceId, connectionId } = lane;
  // Nothing was there: it was made, as written above.
  if (former === null) return { workspaceId, connectionId, fence: 1, chainSeq: 0, chainHash: GENESIS_HASH };
  const { fence, chainSeq, chainHash, health } = former;
  const isInherited = former.holder !== null && former.holder !== holder;
  return { workspaceId, connectionId, fence: fence + 1, chainSeq, chainHash, ...(health === undefined ? {} : { health }), ...(isInherited ? { isInherited } : {}) };
}

/** The `_id` of a lane. */
export function laneKey({ workspaceId, connectionId }: Lane): string {
  return storeKey(workspaceId, connectionId);
}
