import { randomUUID } from 'node:crypto';
import { FenceLost, isImported, minuteOf, type InboxDocument, type InboxRecord, type InboxStore } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { FirsthandError } from '@firsthand/domain';
import { storeFailure } from './store-failure.js';
import { ownKey } from './store-key.js';
import type { StoredInbox } from './stored-rows.js';
import { withinLimit } from './within-limit.js';

/** Under the 5 s within which a caller has to know. */
const APPEND_TIMEOUT_MS = 4_000;
/** Documents looked at for one claim. */
const CANDIDATES = 256;
/** What happens now before what is imported, the oldest first. */
const TURN = { isImport: 1, dueAt: 1 } as const;
/** Claimers race for the oldest documents; who loses looks again. */
const CLAIM_TRIES = 5;

/** The inbox on MongoDB. */
export function createMongoInbox(inbox: mongo.Collection<StoredInbox>): InboxStore {
  return {
    append: (documents) => append(inbox, documents),
    claim: (options) => claim(inbox, options),
    async extend(token, inboxIds, until) {
      const { matchedCount } = await inbox.updateMany({ _id: { $in: [...inboxIds] }, claim: token }, { $set: { claimedUntil: until } });
      if (matchedCount !== inboxIds.length) throw new FenceLost(`The claim on ${inboxIds.length - matchedCount} inbox documents was lost.`);
    },
    async release(token, inboxIds, dueAt) {
      await inbox.updateMany({ _id: { $in: [...inboxIds] }, claim: token }, { $set: { claim: null, claimedUntil: 0, dueAt }, $inc: { attempt: 1 } });
    },
    async hasDue(now) {
      return (await inbox.findOne(dueAndFree(now), { projection: { _id: 1 }, sort: TURN })) !== null;
    },
  };
}

async function append(inbox: mongo.Collection<StoredInbox>, documents: readonly InboxDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const stored = documents.map(storedInbox);
  try {
    await withinLimit(APPEND_TIMEOUT_MS, inbox.insertMany(stored, { ordered: false, writeConcern: { w: 'majority', journal: true } }));
  } catch (error) {
    const failure = storeFailure(error);
    if (failure instanceof FirsthandError && failure.code === 'UNAVAILABLE') throw failure;
    // Whatever the reason, some documents may not be durable: the sender has to send again.
    const reason = failure instanceof Error ? failure.message : 'unknown';
    throw new FirsthandError('UNAVAILABLE', `The inbox could not be written. ${reason}`, [], { retryAfterSeconds: 1 });
  }
}

async function claim(
  inbox: mongo.Collection<StoredInbox>,
  { now, leaseMs, maxRecords, workspaceId, partition }: Parameters<InboxStore['claim']>[0],
): ReturnType<InboxStore['claim']> {
  const token = randomUUID();
  const filter = { ...dueAndFree(now), ...(workspaceId === undefined ? {} : { workspaceId }), ...(partition === undefined ? {} : { partition }) };
  for (let tries = 0; tries < CLAIM_TRIES; tries += 1) {
    const candidates = await inbox.find(filter, { projection: { _id: 1, count: 1 }, sort: TURN, limit: CANDIDATES }).toArray();
    if (candidates.length === 0) break;
    // The oldest at first; after a lost race from anywhere, for all who lost would meet at the next oldest again.
    const from = tries === 0 ? 0 : Math.floor(Math.random() * candidates.length);
    const ids = fillUp(candidates.slice(from), maxRecords);
    const { modifiedCount } = await inbox.updateMany({ _id: { $in: ids }, ...dueAndFree(now) }, { $set: { claim: token, claimedUntil: now + leaseMs } });
    if (modifiedCount === 0) continue;
    const documents = await inbox.find({ _id: { $in: ids }, claim: token }).toArray();
    return { token, documents: documents.sort((a, b) => a.dueAt - b.dueAt || (a._id < b._id ? -1 : 1)).map(fromStored) };
  }
  return { token, documents: [] };
}

function dueAndFree(now: number): mongo.Filter<StoredInbox> {
  // Both kinds are named, so that the index alone answers.
  return { isImport: { $in: [false, true] }, dueAt: { $lte: now }, claimedUntil: { $lte: now } };
}

/** The first documents that hold at most `maxRecords` records, at least one. */
function fillUp(candidates: readonly { _id: string; count: number }[], maxRecords: number): string[] {
  const ids: string[] = [];
  let sum = 0;
  for (const { _id, count } of candidates) {
    sum += count;
    if (ids.length > 0 && sum > maxRecords) break;
    ids.push(_id);
  }
  return ids;
}

/** A document of the inbox as it is stored. */
export function storedInbox({ inboxId, records, claim, ...rest }: InboxDocument): StoredInbox {
  return {
    _id: ownKey(rest.workspaceId, inboxId), schemaVersion: 1, ...rest, records: JSON.stringify(records), count: records.length, tallies: talliesOf(records), isImport: isImported({ records }), dueAt: rest.receivedAt,
    claim: claim?.token ?? null, claimedUntil: claim?.until ?? 0,
  };
}

/** Most documents have one connection and minute, or a few: a list is searched as quickly as a map. */
function talliesOf(records: readonly InboxRecord[]): NonNullable<StoredInbox['tallies']> {
  const tallies: NonNullable<StoredInbox['tallies']> = [];
  for (const { connectionId, receivedAt } of records) {
    const minute = minuteOf(receivedAt);
    const tally = tallies.findLast((one) => one.minute === minute && one.connectionId === connectionId);
    if (tally === undefined) tallies.push({ connectionId, minute, count: 1 });
    else tally.count += 1;
  }
  return tallies;
}

function fromStored({ _id, workspaceId, partition, receivedAt, attempt, records }: StoredInbox): InboxDocument {
  return { inboxId: _id, workspaceId, partition, receivedAt, attempt, records: JSON.parse(records) as InboxRecord[] };
}
