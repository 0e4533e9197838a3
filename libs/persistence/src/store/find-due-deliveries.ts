import { HOLDS_UP_NOTHING, type DeliveryRow, type Lane } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { findDueTakeBacks } from './find-due-take-backs.js';
import { deliveryRow } from './read-rows.js';
import type { StoredDelivery } from './stored-rows.js';

/** How often a page, twice as long each time, is read again without the people who were found to wait. */
const MAX_PAGES = 8;

/**
 * The pending rows of a lane that are due, without those of the excluded people. First what takes something back: it is carried out at once, also where an earlier
 * delivery of the person waits for another try, for the gate blocks that one when its time comes. Then the others, oldest first, without everybody whose earlier row waits
 * for another try: a person's rows go out in their order. Who merely leaves an audience keeps that order, for nothing blocks what comes after. What waits at a gate, for
 * the end of quiet hours or for its turn in a replay has not failed, and holds up nothing.
 *
 * Rows that were tried or put off come from an index by the time they are due, and of one time by age, the others from one by age, so that neither a long backlog nor a
 * long list of waiting rows makes it slow. Due tries come before fresh rows are looked at: a person's fresh row can never overtake its elder.
 */
export async function findDueDeliveries(
  deliveries: mongo.Collection<StoredDelivery>, { workspaceId, connectionId }: Lane, now: number, limit: number, excludeProfileIds: readonly string[],
): Promise<DeliveryRow[]> {
  const takeBacks = await findDueTakeBacks(deliveries, { workspaceId, connectionId }, now, limit, excludeProfileIds);
  if (takeBacks.length === limit) return takeBacks;
  const busy = [...new Set([...excludeProfileIds, ...takeBacks.map(({ profileId }) => profileId)])];
  const ofLane = { workspaceId, connectionId, state: 'pending' } as const;
  const waitingPeople = new Set<string>();
  /** Reads pages, each twice as long, until one has nobody that waits. */
  const pick = async (rows: mongo.Filter<StoredDelivery>, sort: mongo.Sort, atMost: number): Promise<StoredDelivery[]> => {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const without = {
        ...(busy.length + waitingPeople.size === 0 ? {} : { profileId: { $nin: [...busy, ...waitingPeople] } }),
      };
      const read = await deliveries.find({ ...ofLane, ...rows, dueAt: { $lte: now }, ...without }, { sort, limit: atMost * 2 ** page }).toArray();
      const waiting = await findWaitingPeople(deliveries, ofLane, now, read);
      if (waiting.size === 0) return read;
      for (const profileId of waiting) waitingPeople.add(profileId);
    }
    return [];
  };
  const found = await pick({ attempt: { $gt: 0 } }, { dueAt: 1, createdAt: 1, seq: 1 }, limit);
  if (found.length < limit) found.push(...(await pick({ attempt: 0 }, { createdAt: 1, seq: 1 }, limit)));
  const rest = found.sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq).slice(0, limit - takeBacks.length);
  return [...takeBacks, ...rest.map(deliveryRow)];
}

async function findWaitingPeople(
  deliveries: mongo.Collection<StoredDelivery>, ofLane: Lane & { state: 'pending' }, now: number, rows: readonly StoredDelivery[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const profileIds = [...new Set(rows.map(({ profileId }) => profileId))];
  const waiting = await deliveries
    .find({ ...ofLane, profileId: { $in: profileIds }, dueAt: { $gt: now }, reason: { $nin: [...HOLDS_UP_NOTHING] } })
    .project<{ profileId: string }>({ _id: 0, profileId: 1 })
    .toArray();
  return new Set(waiting.map(({ profileId }) => profileId));
}
