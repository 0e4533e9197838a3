import { compileCondition, compileTracked, maskIdentity, type ConsentState, type TrackedActivity } from '@firsthand/domain';
import { recountActivity, storeKey, type StoredProfile } from '@firsthand/persistence';
import { subjectOf, type Backfill } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { SegmentCount, SegmentPreviewBody } from './segment-bodies.js';
import { checkSegment } from './segments.js';

const BATCH = 500;
const MOST_PEOPLE = 50_000;
/** Of people's stored events, where nobody has kept a counter yet. */
const MOST_EVENTS = 200_000;
const SAMPLE = 10;

/**
 * Counts whom a segment would have now, and stores nothing. A counter that nobody keeps yet is counted from the stored events.
 *
 * @throws FirsthandError `INVALID_SEGMENT`
 */
export async function previewSegment(admin: AdminContext, { workspaceId }: Caller, body: SegmentPreviewBody): Promise<SegmentCount> {
  await checkSegment(admin, workspaceId, body);
  const condition = compileCondition(body.condition);
  const configuration = admin.configuration.workspace(workspaceId);
  const count: SegmentCount = { matching: 0, members: 0, evaluated: 0, isComplete: true, notes: [], sample: [] };
  const kept = await keptCounters(admin, workspaceId);
  const tracked = compileTracked(condition.activityKeys.filter(({ key }) => !kept.has(key)));
  let eventsLeft = MOST_EVENTS;
  const now = admin.clock();
  for await (const batch of batches(admin, workspaceId)) {
    const states = await statesOf(admin, workspaceId, batch);
    eventsLeft -= await countAnew(admin, workspaceId, batch, tracked, eventsLeft);
    if (eventsLeft < 0) return { ...count, isComplete: false, notes: [`It stopped after ${MOST_EVENTS} stored events of these people: the counters of this condition are not kept yet.`] };
    for (const profile of batch) {
      const subject = subjectOf({ profile, consents: states.get(profile.profileId) ?? {} }, configuration);
      count.evaluated += 1;
      if (!condition.evaluate(subject, now).isMember) continue;
      count.matching += 1;
      if (!subject.isConsented(body.purpose, now).isGranted) continue;
      count.members += 1;
      if (count.sample.length < SAMPLE) count.sample.push({ profileId: profile.profileId, identities: profile.identities.map((identity) => ({ namespace: identity.namespace, value: maskIdentity(identity) })) });
    }
    if (count.evaluated >= MOST_PEOPLE) return { ...count, isComplete: false };
  }
  return count;
}

/** The counters that are kept and know the past. */
async function keptCounters({ configuration, repository }: AdminContext, workspaceId: string): Promise<Set<string>> {
  const kept = new Set([...configuration.workspace(workspaceId).tracked.values()].flatMap((list) => list.map(({ key }) => key)));
  for (const { content: { counters, isFilled } } of await repository.list<Backfill>('backfills', workspaceId, { limit: 0 })) {
    if (!isFilled) for (const { key } of counters) kept.delete(key);
  }
  return kept;
}

/** Puts counters of stored events into these profiles. Gives the events read; more than `maxEvents` when they were not enough. */
async function countAnew({ collections, clock }: AdminContext, workspaceId: string, people: readonly StoredProfile[], tracked: TrackedActivity, maxEvents: number): Promise<number> {
  if (tracked.size === 0) return 0;
  const { counters, events, isComplete } = await recountActivity(collections, { workspaceId, people, tracked, now: clock(), maxEvents });
  const keys = [...tracked.values()].flatMap((list) => list.map(({ key }) => key));
  for (const { profileId, activity } of people) {
    for (const key of keys) delete activity[key];
    Object.assign(activity, counters.get(profileId));
  }
  return isComplete ? events : maxEvents + 1;
}

async function* batches({ collections }: AdminContext, workspaceId: string): AsyncGenerator<StoredProfile[]> {
  let batch: StoredProfile[] = [];
  for await (const profile of collections.profiles.find({ _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } }, { sort: { _id: 1 }, limit: MOST_PEOPLE + 1, batchSize: BATCH })) {
    if (batch.push(profile) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function statesOf({ collections }: AdminContext, workspaceId: string, profiles: readonly StoredProfile[]): Promise<Map<string, ConsentState>> {
  const rows = await collections.consentStates.find({ _id: { $in: profiles.map(({ profileId }) => storeKey(workspaceId, profileId)) } }).toArray();
  return new Map(rows.map(({ profileId, state }) => [profileId, state]));
}
