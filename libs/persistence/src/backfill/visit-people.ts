import type { BackfillLease, BackfillPerson, BackfillSelection, BackfillVisit, PersonRevision } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { profileOf } from '../store/read-rows.js';
import { storeKey } from '../store/store-key.js';
import type { StoredProfile } from '../store/stored-rows.js';
import { recountActivity } from './recount-activity.js';
import { updateOwn, type StoredBackfill } from './update-own.js';

interface VisitScope {
  collections: Collections;
  rows: mongo.Collection<StoredBackfill>;
  session: mongo.ClientSession;
}

/**
 * One turn of a backfill, in one transaction. Whoever writes one of these people at the same time makes one of the two run again on what the
 * other has left: a count is never made from events that the profile written does not hold.
 */
export async function visitPeople(
  { collections, rows, session }: VisitScope, lease: BackfillLease, { selection, recount, startedAt, now, until }: BackfillVisit, revise: (person: BackfillPerson) => PersonRevision | null,
): Promise<{ visited: number; last: string | null }> {
  const { workspaceId } = lease;
  // First, so that work that is not ours any more ends before it reads anything.
  await updateOwn(rows, lease, { 'content.until': until, 'content.startedAt': startedAt }, session);
  const profiles = await readProfiles(collections, session, workspaceId, selection);
  const last = 'profileIds' in selection ? null : (profiles.at(-1)?.profileId ?? null);
  if (last !== null) await updateOwn(rows, lease, { 'content.cursor': last }, session);
  if (profiles.length === 0) return { visited: 0, last };

  const states = await collections.consentStates.find({ _id: { $in: profiles.map(({ _id }) => _id) } }, { session }).toArray();
  const consentsOf = new Map(states.map(({ profileId, state }) => [profileId, state]));
  const counted = recount === null ? null : (await recountActivity(collections, { workspaceId, people: profiles, tracked: recount, now }, session)).counters;
  const updates = profiles.flatMap((stored) => {
    const { profileId, dueAt } = stored;
    const revision = revise({ profile: profileOf(stored), consents: consentsOf.get(profileId) ?? {}, dueAt, counted: counted === null ? null : (counted.get(profileId) ?? {}) });
    return revision === null ? [] : [{ updateOne: { filter: { _id: stored._id }, update: toUpdate(revision) } }];
  });
  if (updates.length > 0) await collections.profiles.bulkWrite(updates as mongo.AnyBulkWriteOperation<StoredProfile>[], { session, ordered: false });
  return { visited: profiles.length, last };
}

async function readProfiles({ profiles, aliases }: Collections, session: mongo.ClientSession, workspaceId: string, selection: BackfillSelection): Promise<StoredProfile[]> {
  if ('profileIds' in selection) {
    const ids = selection.profileIds.map((id) => storeKey(workspaceId, id));
    const found = await aliases.find({ _id: { $in: ids } }, { session }).toArray();
    // Aliases are kept one step from their root.
    const roots = new Map(found.map(({ _id, to }) => [_id, storeKey(workspaceId, to)]));
    return profiles.find({ _id: { $in: [...new Set(ids.map((id) => roots.get(id) ?? id))] } }, { session }).toArray();
  }
  const { after, limit } = selection;
  return profiles.find({ _id: { $gt: storeKey(workspaceId, after ?? ''), $lt: `${workspaceId}}` } }, { session, sort: { _id: 1 }, limit }).toArray();
}

/** Field by field: what the revision does not name stays, but for the last evaluation, which knew nothing of it. */
function toUpdate({ activity, dueAt }: PersonRevision): mongo.UpdateFilter<StoredProfile> {
  const entries = Object.entries(activity);
  const set = Object.fromEntries(entries.filter(([, counter]) => counter !== null).map(([key, counter]) => [`activity.${key}`, counter]));
  const unset = Object.fromEntries([...entries.filter(([, counter]) => counter === null).map(([key]) => [`activity.${key}`, true]), ['evaluated', true]]);
  const fields = { ...set, ...(dueAt === undefined ? {} : { dueAt }) };
  return { ...(Object.keys(fields).length > 0 ? { $set: fields } : {}), $unset: unset } as mongo.UpdateFilter<StoredProfile>;
}
