import { identityKey, type Identity } from '@firsthand/domain';
import type { StoredConsent, StoredDelivery, StoredEvent, StoredMerge } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import { findInFlight } from '../deliveries/find-in-flight.js';
import type { FoundPerson } from './find-person.js';
import { keptFilter } from './kept-events.js';

/** What stands on a timeline, in the order of what is of one moment. */
export const TIMELINE_KINDS = ['consent', 'delivery', 'event', 'merge'] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** A place on a timeline: later ones come first, of one moment by kind and id. */
export interface TimelinePlace {
  /** Epoch ms. */
  at: number;
  kind: TimelineKind;
  /** The row's key. */
  id: string;
}

/** A row of a timeline with its place. */
export type TimelineRow = TimelinePlace & ({ kind: 'consent'; row: StoredConsent } | { kind: 'delivery'; row: StoredDelivery } | { kind: 'event'; row: StoredEvent } | { kind: 'merge'; row: Omit<StoredMerge, 'before'> });

interface TimelineQuestion {
  person: FoundPerson;
  kinds: readonly TimelineKind[];
  after: TimelinePlace | undefined;
  limit: number;
  now: number;
}

/** The next rows of a person's timeline after a place, over all profiles merged into them. */
export async function readTimeline(admin: Pick<AdminContext, 'collections'>, workspaceId: string, question: TimelineQuestion): Promise<TimelineRow[]> {
  const read = await Promise.all(question.kinds.map((kind) => READERS[kind](admin, workspaceId, question)));
  return read.flat().sort(comparePlaces).slice(0, question.limit);
}

/** The newest first. */
function comparePlaces(one: TimelinePlace, other: TimelinePlace): number {
  if (one.at !== other.at) return other.at - one.at;
  if (one.kind !== other.kind) return one.kind < other.kind ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

type Reader = (admin: Pick<AdminContext, 'collections'>, workspaceId: string, question: TimelineQuestion) => Promise<TimelineRow[]>;

const READERS: Readonly<Record<TimelineKind, Reader>> = {
  async consent({ collections }, workspaceId, { person, after, limit }) {
    const keys = person.profile.identities.map((identity: Identity) => identityKey(identity));
    const rows = await collections.consents.find({ workspaceId, identityKey: { $in: keys }, ...behind('effectiveAt', 'consent', after) }, { sort: { effectiveAt: -1, _id: 1 }, limit }).toArray();
    return rows.map((row) => ({ kind: 'consent', at: row.effectiveAt, id: row._id, row }));
  },
  async delivery({ collections }, workspaceId, { person, after, limit }) {
    const own = (await findInFlight(collections, workspaceId)).filter((row) => person.profileIds.includes(row.profileId));
    const stored = await collections.deliveries.find({ workspaceId, profileId: { $in: person.profileIds }, ...behind('createdAt', 'delivery', after) }, { sort: { createdAt: -1, _id: 1 }, limit }).toArray();
    const rows = [...new Map([...own, ...stored].map((row) => [row._id, row])).values()].map((row): TimelineRow => ({ kind: 'delivery', at: row.createdAt, id: row._id, row }));
    return after === undefined ? rows : rows.filter((row) => comparePlaces(after, row) < 0);
  },
  async event({ collections }, workspaceId, { person, after, limit, now }) {
    const where = { $and: [{ workspaceId, profileId: { $in: person.profileIds } }, keptFilter(person, now), behind('record.occurredAt', 'event', after)] };
    const rows = await collections.events.find(where, { sort: { 'record.occurredAt': -1, _id: 1 }, limit }).toArray();
    return rows.map((row) => ({ kind: 'event', at: row.record.occurredAt, id: row._id, row }));
  },
  async merge({ collections }, workspaceId, { person, after, limit }) {
    const ids = { $in: person.profileIds };
    // Moves of single identities name other people.
    const where = { $and: [{ workspaceId, movedKey: { $exists: false } }, { $or: [{ winner: ids }, { loser: ids }] }, behind('at', 'merge', after)] };
    const rows = await collections.merges.find(where, { sort: { at: -1, _id: 1 }, limit, projection: { before: 0 } }).toArray();
    return rows.map((row) => ({ kind: 'merge', at: row.at, id: row._id, row }));
  },
};

/** What of a kind comes after a place: of the same moment what stands behind it. */
function behind(field: string, kind: TimelineKind, after: TimelinePlace | undefined): Record<string, unknown> {
  if (after === undefined) return {};
  if (kind !== after.kind) return { [field]: kind < after.kind ? { $lt: after.at } : { $lte: after.at } };
  return { [field]: { $lte: after.at }, $or: [{ [field]: { $lt: after.at } }, { _id: { $gt: after.id } }] };
}
