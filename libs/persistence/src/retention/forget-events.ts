import { forgetRecord, keptSince, standingAt, EVERY_PURPOSE, type CanonicalRecord } from '@firsthand/domain';
import { NOBODY, retentionRulesOf } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { holdBack } from '../erasure/hold-back.js';
import { idsAfter } from '../erasure/removal-part.js';
import { emptyRaws } from '../store/read-raw-records.js';
import { storeKey } from '../store/store-key.js';
import type { StoredEvent } from '../store/stored-rows.js';
import { keptPeople } from './people-of-events.js';
import type { RetentionPart, RetentionScope } from './retention-part.js';

const BATCH = 500;
const STATES = 200;

/** How far events were looked at that are in the order of their time: up to `at`, of which `skip` are seen. */
interface Position {
  at: number;
  skip: number;
}

/**
 * Goes through the events that have come to the end of some purpose's days since the sweep before, by name and time, for which there is an index. What of each may be kept is asked by the rules of its
 * person; a raw record goes with whatever it holds.
 */
export async function forgetEvents(scope: RetentionScope): Promise<RetentionPart> {
  const { collections: { events }, session, row: { workspaceId, day, since, cursor } } = scope;
  const ranges = rangesOf(retentionRulesOf(scope.configuration).eventDays, day, since);
  const place = cursor === null ? { range: 0, name: '', position: null } : JSON.parse(cursor) as { range: number; name: string; position: Position | null };
  const range = ranges[place.range];
  if (range === undefined) return { next: null };
  const name = ((await events.distinct('record.name', { workspaceId }, { session })) as string[]).sort(inCodeUnits).find((one) => one >= place.name);
  if (name === undefined) return { next: JSON.stringify({ range: place.range + 1, name: '', position: null }) };
  const { counts, next } = await forgetPage(scope, { workspaceId, 'record.name': name }, range, name === place.name ? place.position : null);
  return { counts, next: JSON.stringify(next === null ? { range: place.range, name: `${name}\0`, position: null } : { range: place.range, name, position: next }) };
}

/**
 * Goes through the people of whom less may be kept than of others, because they refused something, and those who have lifted a restriction: their events are found by person.
 */
export async function forgetRefused(scope: RetentionScope): Promise<RetentionPart> {
  const { collections: { consentStates }, session, row: { workspaceId, cursor, day } } = scope;
  const rules = retentionRulesOf(scope.configuration);
  const place = cursor === null ? { after: '', position: null } : JSON.parse(cursor) as { after: string; position: Position | null };
  const found = await consentStates.find({ _id: idsAfter(workspaceId, place.after) }, { session, sort: { _id: 1 }, limit: STATES }).toArray();
  const special = found.filter(({ state }) => rules.purposes.some(({ key }) => (standingAt(state, [key, 'own'])?.decision ?? 'granted') !== 'granted') || standingAt(state, [EVERY_PURPOSE, 'own']) !== null);
  const personOf = await keptPeople(scope, special.map(({ profileId }) => profileId));
  let after = place.after;
  for (const { _id, profileId } of special) {
    const { retention, profileIds } = personOf(profileId);
    const to = Math.max(...rules.eventPaths.map((path) => retention.keptSince(path, day)), retention.isUnlimited ? -Infinity : keptSince(day, rules.narrowestDays), retention.isUnlimited || rules.ownEventDays.size === 0 ? -Infinity : keptSince(day, Math.min(...rules.ownEventDays.values())));
    const page = to === -Infinity ? null : await forgetPage(scope, { workspaceId, profileId: { $in: profileIds } }, { from: 0, to }, after === place.after ? place.position : null);
    // A transaction each for who has events to go: a person may have any number of them.
    if (page !== null && (page.next !== null || Object.keys(page.counts).length > 0)) return { counts: page.counts, next: JSON.stringify(page.next === null ? { after: _id, position: null } : { after, position: page.next }) };
    after = _id;
  }
  return { next: found.length < STATES ? null : JSON.stringify({ after: found.at(-1)?._id ?? '', position: null }) };
}

/** Everything before an end, or for each number of days what has come to its end since the sweep before. */
function rangesOf(eventDays: readonly number[], day: number, since: number | null): { from: number; to: number }[] {
  const shortest = eventDays[0];
  if (shortest === undefined) return [];
  return since === null ? [{ from: 0, to: keptSince(day, shortest) }] : eventDays.map((days) => ({ from: keptSince(since, days), to: keptSince(day, days) }));
}

async function forgetPage(scope: RetentionScope, filter: mongo.Filter<StoredEvent>, { from, to }: { from: number; to: number }, position: Position | null): Promise<{ counts: Record<string, number>; next: Position | null }> {
  const { collections: { events }, session } = scope;
  const { at, skip } = position ?? { at: from, skip: 0 };
  const found = await events.find({ ...filter, 'record.occurredAt': { $gte: at, $lt: to } }, { session, sort: { 'record.occurredAt': 1 }, skip, limit: BATCH }).toArray();
  const { counts, gone } = await forgetAll(scope, found);
  const last = found.at(-1);
  if (last === undefined || found.length < BATCH) return { counts, next: null };
  const time = last.record.occurredAt;
  const seen = found.filter(({ _id, record }) => record.occurredAt === time && !gone.has(_id)).length;
  return { counts, next: { at: time, skip: time === at ? skip + seen : seen } };
}

async function forgetAll(scope: RetentionScope, found: readonly StoredEvent[]): Promise<{ counts: Record<string, number>; gone: ReadonlySet<string> }> {
  const { collections, session, row: { workspaceId, day }, now } = scope;
  // What is nobody's, and what the platform notes of the workspace, says nothing of a person.
  const own = found.filter(({ profileId }) => profileId !== NOBODY && profileId !== '');
  const personOf = await keptPeople(scope, own.map(({ profileId }) => profileId));
  const left = own.map((event) => ({ event, record: forgetRecord(event.record, personOf(event.profileId).retention, day) }));
  const gone = left.filter(({ record }) => record === null).map(({ event }) => event);
  const cut = left.flatMap(({ event, record }) => (record === null || record === event.record ? [] : [{ event, record }]));
  const changed = [...gone, ...cut.map(({ event }) => event)];
  if (changed.length === 0) return { counts: {}, gone: new Set() };
  // A pseudonym for the day: that two facts are of one person is not kept.
  const held = await holdBack({ collections, session, now }, { workspaceId, pseudonym: storeKey(workspaceId, `retention-${day}`) }, changed);
  const rawRecords = await emptyRaws(collections, changed, session);
  if (gone.length > 0) await collections.events.deleteMany({ _id: { $in: gone.map(({ _id }) => _id) } }, { session });
  if (cut.length > 0) await collections.events.bulkWrite(cut.map(({ event: { _id }, record }: { event: StoredEvent; record: CanonicalRecord }) => ({ updateOne: { filter: { _id }, update: { $set: { record, raw: null } } } })), { session, ordered: false });
  const counts = { events: gone.length, eventParts: cut.length, rawRecords, held: held.reduce((sum, { rows }) => sum + rows, 0) };
  return { counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)), gone: new Set(gone.map(({ _id }) => _id)) };
}

/** As MongoDB orders texts of ASCII; of others any order does that is always the same. */
function inCodeUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
