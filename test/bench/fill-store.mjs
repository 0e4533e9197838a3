import { utcDay } from '@firsthand/domain';

const DAY_MS = 86_400_000;
/** Older than any window of the bench's segments, so that the copies move nobody in or out; younger than the retention of raw records. */
const YOUNGEST_DAYS = 8;
const OLDEST_DAYS = 28;
const MAX_COPIES = 36 ** 2 - 1;
const BATCH = 1_000;
/** Ids of events, deliveries and runs, wherever they stand. */
const STABLE_ID = /(?<![\w-])[\w-]{22}(?![\w-])/gu;
/** Greater than any count, smaller than any time. */
const FIRST_TIME = 1_000_000_000_000;

/**
 * Brings a store that no host works on up to so many events: copies what the pipeline itself has written (events, raw records, deliveries, changes, ledger,
 * evidence), back-dated, so that shapes, indexes and proportions are its own whatever it writes. The people stay the same ones, with their counters, versions
 * and sequences moved on as if the copies had been theirs. Copied evidence does not verify as a chain: its hashes are the originals'.
 * @returns {Promise<{ events: number, seconds: number }>} how many events the store holds now
 */
export async function fillStore({ collections, connection }, wanted) {
  const begin = performance.now();
  const own = await collections.events.countDocuments({});
  const copies = Math.ceil((wanted - own) / own);
  if (copies > MAX_COPIES) throw new Error(`${own} events are too few to make ${wanted} of: raise --events or --rounds`);
  if (copies > 0) {
    const share = (wanted - own) / (copies * own);
    const [top] = await collections.profiles.aggregate([{ $group: { _id: null, version: { $max: '$version' }, seq: { $max: '$seq' } } }]).toArray();
    const [blocks] = await collections.evidence.aggregate([{ $group: { _id: null, seq: { $max: '$seq' } } }]).toArray();
    const offsets = { version: top.version, seq: top.seq, block: blocks.seq };
    const shifts = Array.from({ length: copies }, (_, index) => shiftOf(index / copies));
    await Promise.all(Object.keys(COPIED).map((name) => copyCollection(collections[name], name, shifts, share, offsets)));
    await movePeople(collections, shifts, offsets);
    // What was written must not be flushed while the next run is measured.
    await connection.getClient().db('admin').command({ fsync: 1 });
  }
  return { events: await collections.events.countDocuments({}), seconds: Math.round((performance.now() - begin) / 1000) };
}

/** Whole minutes, for the ledger counts by them. */
function shiftOf(share) {
  return Math.round(((YOUNGEST_DAYS + (OLDEST_DAYS - YOUNGEST_DAYS) * share) * DAY_MS) / 60_000) * 60_000;
}

/** What is another one in a copy besides stable ids and times. */
const COPIED = {
  events: (event, { n }) => ({ ...event, raw: event.raw === null ? null : { ...event.raw, in: renamed(event.raw.in, n) } }),
  rawRecords: (row, { n }) => ({ ...row, _id: renamed(row._id, n) }),
  deliveries: (row, { n, seq }) => ({ ...row, seq: row.seq + n * seq }),
  changes: (row, { n, version }) => numbered(row, 'version', n * version),
  ledger: (row, { n }) => ({ ...row, _id: renamed(row._id, n) }),
  evidence: (row, { n, block }) => numbered(row, 'seq', n * block),
};

async function copyCollection(collection, name, shifts, share, offsets) {
  // What waits would be sent.
  const filter = name === 'deliveries' ? { state: { $ne: 'pending' } } : {};
  const limit = Math.ceil((await collection.countDocuments(filter)) * share);
  // Read whole before a copy is there: a cursor could meet the copies.
  const originals = await collection.find(filter, { sort: { $natural: 1 }, limit }).toArray();
  for (const [index, shiftMs] of shifts.entries()) {
    const n = index + 1;
    for (let start = 0; start < originals.length; start += BATCH) {
      const documents = originals.slice(start, start + BATCH).map((original) => COPIED[name](copied(original, n, shiftMs), { n, ...offsets }));
      await collection.insertMany(documents, { ordered: false, writeConcern: { w: 1 } });
    }
  }
}

/** The document with other stable ids and earlier times throughout. */
function copied(value, n, shiftMs) {
  if (typeof value === 'string') return value.replace(STABLE_ID, (id) => renamed(id, n));
  if (typeof value === 'number') return value >= FIRST_TIME ? value - shiftMs : value;
  if (value instanceof Date) return new Date(value.getTime() - shiftMs);
  if (Array.isArray(value)) return value.map((entry) => copied(entry, n, shiftMs));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copied(entry, n, shiftMs)]));
}

/** Of the same length and just as spread over the index; `~` is in no id of the pipeline's own. */
function renamed(id, n) {
  return `${id.slice(0, -3)}~${n.toString(36).padStart(2, '0')}`;
}

/** Moves a row on whose `_id` ends with its number. */
function numbered(row, field, by) {
  const parts = row._id.split('|');
  const last = parts.pop();
  return { ...row, _id: [...parts, String(row[field] + by).padStart(last.length, '0')].join('|'), [field]: row[field] + by };
}

async function movePeople({ profiles, lanes }, shifts, { version, seq, block }) {
  const all = await profiles.find({}).toArray();
  const updates = all.map((profile) => ({
    updateOne: {
      filter: { _id: profile._id },
      update: { $inc: { version: shifts.length * version, seq: shifts.length * seq }, $set: { activity: movedActivity(profile.activity, shifts), firstSeenAt: profile.firstSeenAt - shifts.at(-1) } },
    },
  }));
  await profiles.bulkWrite(updates, { ordered: false });
  await lanes.updateMany({ chainSeq: { $gt: 0 } }, { $inc: { chainSeq: shifts.length * block } });
}

/** Each counter as it is, and once more as many days earlier as each copy is. */
function movedActivity(activity, shifts) {
  return Object.fromEntries(Object.entries(activity).map(([key, counter]) => {
    const days = { ...counter.days };
    for (const shiftMs of shifts) {
      for (const [day, count] of Object.entries(counter.days)) {
        const earlier = utcDay(Date.parse(day) - shiftMs);
        days[earlier] = (days[earlier] ?? 0) + count;
      }
    }
    return [key, { ...counter, first: counter.first - shifts.at(-1), total: counter.total * (shifts.length + 1), days }];
  }));
}
