import { identityKey, NAMESPACES, type Identity, type JsonObject, type JsonValue } from '@firsthand/domain';
import { storeKey, type StoredEvent } from '@firsthand/persistence';
import { keptEvent, keptFilter } from '../../admin/profiles/kept-events.js';
import { connectionName, iso, ownId, type ExportedPerson, type ExportSection, type ExportSource } from '../export-source.js';

/** Few enough that a page of the largest events is a few megabytes. */
const PAGE = 100;

/** An event with its raw record, while that is kept. */
type EventWithRaw = StoredEvent & { kept: { raw: string | null }[] };

const events: ExportSection = {
  name: 'events', from: ['events', 'rawRecords'],
  async *read(source, person) {
    for await (const { event, isOthers } of readEvents(source, person)) yield isOthers ? { ...brief(source, event), isWithheld: true } : whole(source, event);
  },
};

const orders: ExportSection = {
  name: 'orders', from: ['events'],
  async *read(source, person) {
    for await (const { event, isOthers } of readEvents(source, person, { 'record.order': { $exists: true } })) {
      const { record: { order, name, occurredAt }, _id, workspaceId } = event;
      if (!isOthers && order !== undefined) yield { eventId: ownId(workspaceId, _id), event: name, at: iso(occurredAt), ...order };
    }
  },
};

/** The person's events in their order. MongoDB takes the one raw record out of the row that holds those of many people, so that no others leave it. */
async function* readEvents({ collections, clock }: ExportSource, person: ExportedPerson, more: object = {}): AsyncGenerator<{ event: EventWithRaw; isOthers: boolean }> {
  const { workspaceId, profileIds, subject } = person;
  const now = clock();
  const cursor = collections.events.aggregate<EventWithRaw>([
    { $match: { workspaceId, profileId: { $in: profileIds }, ...keptFilter(person, now), ...more } },
    { $sort: { 'record.occurredAt': 1 } },
    { $lookup: { from: 'rawRecords', localField: 'raw.in', foreignField: '_id', let: { at: '$raw.at' }, pipeline: [{ $project: { _id: 0, raw: { $arrayElemAt: ['$raws', '$$at'] } } }], as: 'kept' } },
  ], { batchSize: PAGE, allowDiskUse: true });
  let page: EventWithRaw[] = [];
  const own = new Set(subject.identityKeys);
  const judge = async function* (found: readonly EventWithRaw[]) {
    const owners = await ownersOf(collections, workspaceId, found);
    for (const event of found) yield { event, isOthers: isOthersRecord(event.record.identities, own, owners) };
  };
  for await (const stored of cursor) {
    const event = keptEvent(stored, person, now);
    // The raw record still holds what has ended.
    if (event === null || page.push(event === stored ? event : { ...event, kept: [] }) < PAGE) continue;
    yield* judge(page);
    page = [];
  }
  yield* judge(page);
}

async function ownersOf({ identities }: Pick<ExportSource['collections'], 'identities'>, workspaceId: string, events: readonly EventWithRaw[]): Promise<Set<string>> {
  const keys = new Set(events.flatMap(({ record }) => record.identities.map(identityKey)));
  const rows = await identities.find({ _id: { $in: [...keys].map((key) => storeKey(workspaceId, key)) } }, { projection: { _id: 1 } }).toArray();
  return new Set(rows.map(({ _id }) => _id.slice(workspaceId.length + 1)));
}

/**
 * Whether an event under a person's profile is about somebody else by now: it names people, none of them is the person, and one of them is known here. It was claimed on
 * the person's device and has turned out to be another's.
 */
function isOthersRecord(identities: readonly Identity[], own: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  const named = identities.filter(({ namespace }) => NAMESPACES.get(namespace)?.isDevice !== true).map(identityKey);
  return named.length > 0 && !named.some((key) => own.has(key)) && named.some((key) => known.has(key));
}

function brief(source: ExportSource, { _id, workspaceId, connectionId, receivedAt, record: { type, name, occurredAt } }: StoredEvent): JsonObject {
  return { id: ownId(workspaceId, _id), name, type, at: iso(occurredAt), receivedAt: iso(receivedAt), source: connectionName(source, workspaceId, connectionId) ?? connectionId };
}

function whole(source: ExportSource, event: EventWithRaw): JsonObject {
  const { record: { identities, profile, properties, order, product, store, consents, context, flags }, kept: [kept] } = event;
  const raw = kept?.raw ?? null;
  return {
    ...brief(source, event), identities: identities.map(({ namespace, value }) => ({ namespace, value })), profile, properties, ...(order === undefined ? {} : { order }), ...(product === undefined ? {} : { product }), ...(store === undefined ? {} : { store }),
    consents, context, flags, raw: raw === null ? null : (JSON.parse(raw) as JsonValue),
  };
}

/** What the person did, as it was understood and, while that is kept, as it came. */
export const EVENT_SECTIONS: readonly ExportSection[] = [events, orders];
