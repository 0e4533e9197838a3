import { activityKey, ANY_ACTIVITY, bumpActivity, trackedKeysOf, type Activity, type Profile, type TrackedActivity } from '@firsthand/domain';
import { INTERNAL_CONNECTION } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';

/** The index that leads by person; the other one would read every event of a name. */
const BY_PERSON = { workspaceId: 1, profileId: 1, 'record.occurredAt': 1 } as const;

/** What is counted, of whom. */
export interface Recount {
  workspaceId: string;
  people: readonly Pick<Profile, 'profileId' | 'mergedFrom' | 'activity'>[];
  tracked: TrackedActivity;
  /** Epoch ms: from here the age of days is counted. */
  now: number;
  /** Reads no further than this many events. */
  maxEvents?: number;
}

export interface Recounted {
  /** Profile id to counters by key. Everybody asked for has an entry; a counter that stands at nothing is left out. */
  counters: Map<string, Record<string, Activity>>;
  /** Events read. */
  events: number;
  /** False when there were more than `maxEvents`: the counters are then too low. */
  isComplete: boolean;
}

/**
 * Counts counters with conditions from the stored events of people, those of profiles merged into them included, as folding each event would
 * have. Who has done nothing of a counter's name costs no read.
 *
 * @example const { counters } = await recountActivity(collections, { workspaceId, people, tracked: compileTracked(keys), now });
 */
export async function recountActivity({ events }: Pick<Collections, 'events'>, { workspaceId, people, tracked, now, maxEvents = Infinity }: Recount, session?: mongo.ClientSession): Promise<Recounted> {
  const counters = new Map<string, Record<string, Activity>>(people.map(({ profileId }) => [profileId, {}]));
  const names = [...tracked.keys()];
  const active = people.filter(({ activity }) => names.some((name) => Object.hasOwn(activity, activityKey(name))));
  const ownerOf = new Map(active.flatMap(({ profileId, mergedFrom }) => [profileId, ...mergedFrom].map((id) => [id, profileId] as const)));
  const recounted: Recounted = { counters, events: 0, isComplete: true };
  if (ownerOf.size === 0) return recounted;
  const found = events.find(
    { workspaceId, profileId: { $in: [...ownerOf.keys()] }, ...(names.includes(ANY_ACTIVITY) ? {} : { 'record.name': { $in: names } }) },
    { hint: BY_PERSON, projection: { connectionId: 1, profileId: 1, record: 1 }, ...(session === undefined ? {} : { session }) },
  );
  for await (const { connectionId, profileId, record } of found) {
    if (recounted.events === maxEvents) return { ...recounted, isComplete: false };
    recounted.events += 1;
    // The platform's own events are written beside a profile, never folded into it.
    if (connectionId === INTERNAL_CONNECTION) continue;
    bumpActivity(counters.get(ownerOf.get(profileId) ?? '') ?? {}, trackedKeysOf(record, tracked), record.occurredAt, now);
  }
  return recounted;
}
