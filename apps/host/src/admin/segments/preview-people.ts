import { randomUUID } from 'node:crypto';
import { forgetProfile, redecideFields, type ConsentState, type TrackedActivity } from '@firsthand/domain';
import { recountActivity, storeKey, type StoredProfile } from '@firsthand/persistence';
import { retentionOf, type Backfill } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { IdDensity } from './id-density.js';

const BATCH = 500;
/** Runs of neighbours in a sample. Profile ids are random, so that neighbours are no more alike than others. */
const RUNS = 40;
/** Runs that are asked for at once. */
const RUNS_AT_ONCE = 10;

/** A profile with the consents that decide whom it may be used for. */
export interface PreviewPerson {
  profile: StoredProfile;
  consents: ConsentState;
}

/** Counters of a condition that nobody keeps: they are counted from stored events, of at most so many. */
export interface Recounting {
  tracked: TrackedActivity;
  eventsLeft: number;
}

/** The ids of a workspace's profiles. */
function everyProfile(workspaceId: string, after = ''): { _id: { $gt: string; $lt: string } } {
  return { _id: { $gt: storeKey(workspaceId, after), $lt: `${workspaceId}}` } };
}

/** How many people a workspace has: a count over ids alone, which ends at `atMost` where that is given. */
export function countPeople({ collections }: AdminContext, workspaceId: string, atMost?: number): Promise<number> {
  return collections.profiles.countDocuments(everyProfile(workspaceId), atMost === undefined ? {} : { limit: atMost });
}

/** Everybody of a workspace, batch by batch. Ends early when the events to be counted have become too many: `recounting.eventsLeft` is then below 0. */
export async function* everybody(admin: AdminContext, workspaceId: string, recounting: Recounting): AsyncGenerator<PreviewPerson[]> {
  let batch: StoredProfile[] = [];
  for await (const profile of admin.collections.profiles.find(everyProfile(workspaceId), { sort: { _id: 1 }, batchSize: BATCH })) {
    if (batch.push(profile) < BATCH) continue;
    yield await complete(admin, workspaceId, batch, recounting);
    if (recounting.eventsLeft < 0) return;
    batch = [];
  }
  if (batch.length > 0) yield await complete(admin, workspaceId, batch, recounting);
}

/** About `size` people of a workspace by chance, each once: runs of neighbours that begin at random ids. How close these lie is noted in `density`. */
export async function* somebody(admin: AdminContext, workspaceId: string, size: number, recounting: Recounting, density: IdDensity): AsyncGenerator<PreviewPerson[]> {
  const seen = new Set<string>();
  const limit = Math.ceil(size / RUNS);
  for (let run = 0; run < RUNS && recounting.eventsLeft >= 0; run += RUNS_AT_ONCE) {
    const starts = Array.from({ length: RUNS_AT_ONCE }, () => randomUUID() as string);
    const runs = await Promise.all(starts.map((from) => admin.collections.profiles.find(everyProfile(workspaceId, from), { sort: { _id: 1 }, limit }).toArray()));
    for (const [index, found] of runs.entries()) density.addRun({ from: starts[index] as string, ids: found.map(({ profileId }) => profileId), isLast: found.length < limit });
    const fresh = runs.flat().filter(({ _id }) => !seen.has(_id) && seen.add(_id));
    if (fresh.length > 0) yield await complete(admin, workspaceId, fresh, recounting);
  }
}

/** The counters that are kept and know the past. */
export async function keptCounters({ configuration, repository }: AdminContext, workspaceId: string): Promise<Set<string>> {
  const kept = new Set([...configuration.workspace(workspaceId).tracked.values()].flatMap((list) => list.map(({ key }) => key)));
  for (const { content: { counters, isFilled } } of await repository.list<Backfill>('backfills', workspaceId)) {
    if (!isFilled) for (const { key } of counters) kept.delete(key);
  }
  return kept;
}

async function complete({ collections, configuration, clock }: AdminContext, workspaceId: string, people: readonly StoredProfile[], recounting: Recounting): Promise<PreviewPerson[]> {
  const { tracked, eventsLeft } = recounting;
  if (tracked.size > 0) {
    const { counters, events, isComplete } = await recountActivity(collections, { workspaceId, people, tracked, now: clock(), maxEvents: eventsLeft });
    recounting.eventsLeft = isComplete ? eventsLeft - events : -1;
    const keys = [...tracked.values()].flatMap((list) => list.map(({ key }) => key));
    for (const { profileId, activity } of people) {
      for (const key of keys) delete activity[key];
      Object.assign(activity, counters.get(profileId));
    }
  }
  const rows = await collections.consentStates.find({ _id: { $in: people.map(({ profileId }) => storeKey(workspaceId, profileId)) } }).toArray();
  const states = new Map(rows.map(({ profileId, state }) => [profileId, state]));
  const [rules, now] = [configuration.workspace(workspaceId), clock()];
  return people.map((profile) => {
    const consents = states.get(profile.profileId) ?? {};
    const { fields, activity } = redecideFields(forgetProfile(profile, retentionOf(rules, { profile, consents }), now).profile, rules.ownerRank).profile;
    return { profile: { ...profile, fields, activity }, consents };
  });
}
