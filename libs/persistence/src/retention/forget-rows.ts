import { DAY_MS, forgetProfile, nextEnd } from '@firsthand/domain';
import { LedgerCounts, retentionOf } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { idsAfter } from '../erasure/removal-part.js';
import { profileOf } from '../store/read-rows.js';
import type { StoredMerge, StoredProfile } from '../store/stored-rows.js';
import { insertCounts } from '../transaction/insert-counts.js';
import { keptPeople } from './people-of-events.js';
import type { RetentionPart, RetentionScope } from './retention-part.js';

const PEOPLE = 200;
const MERGES = 100;
const ROWS = 500;

/** Has everybody looked at in time of whom something ends sooner than was known: rules that changed, and people of before there were any. Who is due is written by the pipeline, with all that follows. */
export async function bringForward({ collections: { profiles, consentStates }, session, row: { workspaceId, cursor, since }, configuration }: RetentionScope): Promise<RetentionPart> {
  if (since !== null) return { next: null };
  const found = await profiles.find({ _id: idsAfter(workspaceId, cursor ?? '') }, { session, sort: { _id: 1 }, limit: PEOPLE }).toArray();
  const states = new Map((await consentStates.find({ _id: { $in: found.map(({ _id }) => _id) } }, { session }).toArray()).map(({ _id, state }) => [_id, state]));
  const sooner = found.flatMap((stored): mongo.AnyBulkWriteOperation<StoredProfile>[] => {
    const profile = profileOf(stored);
    const end = nextEnd(profile, retentionOf(configuration, { profile, consents: states.get(stored._id) ?? {} }));
    return end === null || (stored.dueAt !== null && stored.dueAt <= end) ? [] : [{ updateOne: { filter: { _id: stored._id }, update: { $set: { dueAt: end } } } }];
  });
  if (sooner.length > 0) await profiles.bulkWrite(sooner, { session, ordered: false });
  return { next: found.length < PEOPLE ? null : (found.at(-1)?._id ?? null) };
}

/** The journal of merges holds profiles as they were: what has ended goes there too. */
export async function forgetMerged(scope: RetentionScope): Promise<RetentionPart> {
  const { collections: { merges }, session, row: { workspaceId, cursor, day } } = scope;
  const found = await merges.find({ _id: idsAfter(workspaceId, cursor ?? '') }, { session, sort: { _id: 1 }, limit: MERGES }).toArray();
  const personOf = await keptPeople(scope, found.flatMap(({ winner, loser }) => [winner, loser]));
  const changed = found.flatMap(({ _id, winner, loser, before }) => {
    const left: StoredMerge['before'] = {
      ...before, loser: forgetProfile(before.loser, personOf(loser).retention, day).profile, ...(before.winner === undefined ? {} : { winner: forgetProfile(before.winner, personOf(winner).retention, day).profile }),
    };
    return left.loser === before.loser && left.winner === before.winner ? [] : [{ updateOne: { filter: { _id }, update: { $set: { before: left } } } }];
  });
  if (changed.length > 0) await merges.bulkWrite(changed, { session, ordered: false });
  return { counts: changed.length === 0 ? {} : { merges: changed.length }, next: found.length < MERGES ? null : (found.at(-1)?._id ?? null) };
}

/** Records that could not be used and that nobody has repaired in time. The balance counts them as expired. */
export async function forgetQuarantined({ collections, session, row: { workspaceId, day, cursor }, days }: RetentionScope): Promise<RetentionPart> {
  const { quarantine } = collections;
  if (days.quarantine === null) return { next: null };
  // By the index over connection and time.
  const connectionId = ((await quarantine.distinct('connectionId', { workspaceId }, { session })) as string[]).sort().find((one) => one > (cursor ?? ''));
  if (connectionId === undefined) return { next: null };
  const old = await quarantine.find({ workspaceId, connectionId, quarantinedAt: { $lt: day - days.quarantine * DAY_MS } }, { session, projection: { connectionId: 1, receivedAt: 1 }, limit: ROWS }).toArray();
  if (old.length > 0) {
    await quarantine.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } }, { session });
    await insertCounts({ collections, session }, workspaceId, LedgerCounts.moved(old, 'quarantined', 'expired'));
  }
  return { counts: old.length === 0 ? {} : { quarantine: old.length }, next: old.length < ROWS ? connectionId : (cursor ?? '') };
}

/** Deliveries of data that ended long ago: ids and, of failed ones, the masked exchange. What takes something back stays, and so does the evidence of all. */
export async function forgetDeliveries({ collections: { deliveries }, session, row: { workspaceId, day }, days }: RetentionScope): Promise<RetentionPart> {
  if (days.deliveries === null) return { next: null };
  const old = await deliveries.find(
    { workspaceId, createdAt: { $lt: day - days.deliveries * DAY_MS }, state: { $ne: 'pending' }, class: 'data' }, { session, projection: { _id: 1 }, sort: { createdAt: 1, _id: 1 }, limit: ROWS },
  ).toArray();
  if (old.length > 0) await deliveries.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } }, { session });
  return { counts: old.length === 0 ? {} : { deliveries: old.length }, next: old.length < ROWS ? null : '' };
}
