import { compileCondition, maskIdentity, type ConsentState } from '@firsthand/domain';
import { storeKey, type StoredProfile } from '@firsthand/persistence';
import { subjectOf } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { SegmentCount, SegmentPreviewBody } from './segment-bodies.js';
import { checkSegment } from './segments.js';

const BATCH = 500;
const MOST_PEOPLE = 50_000;
const SAMPLE = 10;

/** Counts whom a segment would have now, and stores nothing. */
export async function previewSegment(admin: AdminContext, { workspaceId }: Caller, body: SegmentPreviewBody): Promise<SegmentCount> {
  await checkSegment(admin, workspaceId, body);
  const condition = compileCondition(body.condition);
  const configuration = admin.configuration.workspace(workspaceId);
  const counted = new Set([...configuration.tracked.values()].flatMap((list) => list.map(({ key }) => key)));
  const untracked = condition.activityKeys.filter(({ key, where }) => where.length > 0 && !counted.has(key));
  const count: SegmentCount = {
    matching: 0, members: 0, evaluated: 0, isComplete: true, sample: [],
    notes: untracked.map(({ name }) => `"${name}" with these conditions is counted only from publication on.`),
  };
  const now = admin.clock();
  for await (const batch of batches(admin, workspaceId)) {
    const states = await statesOf(admin, workspaceId, batch);
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
