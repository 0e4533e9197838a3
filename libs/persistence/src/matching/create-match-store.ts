import { FenceLost, newMatchRun, type MatchLease, type MatchRunRow, type MatchStore } from '@firsthand/pipeline';
import type { Connection, mongo } from 'mongoose';
import { collectionsOf, type Collections } from '../store/collections.js';
import { isDuplicateKey } from '../store/store-failure.js';
import { storeKey } from '../store/store-key.js';
import type { Stored, StoredMatchRun } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { runTransaction } from '../transaction/run-transaction.js';
import { writeSuggestions } from './write-suggestions.js';

const CLEARED = 2_000;

/**
 * Runs of the matcher on MongoDB. The index of a run is rows of one collection, by workspace, run and key, and is gone when the run has ended.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const worker = createMatchWorker({ matches: createMatchStore(connection), store, configuration, clock, holder, digest, isBusy });
 */
export function createMatchStore(connection: Connection): MatchStore {
  const client = connection.getClient();
  const collections = collectionsOf(connection);
  const { matchRuns, matchKeys, matchBlocks, matchSuggestions, profiles } = collections;
  const save = (lease: MatchLease, row: MatchRunRow, until: number | null, session?: mongo.ClientSession): Promise<void> => updateOwn(matchRuns, lease, { ...row, ...(until === null ? { holder: null, until: 0 } : { until }) }, session);
  return withStoreFailures<MatchStore>({
    async find(workspaceId) {
      const row = await matchRuns.findOne({ _id: runKey(workspaceId) });
      return row === null ? undefined : matchRunRow(row);
    },

    async claim({ workspaceId, now, until, holder }) {
      const row = await matchRuns.findOneAndUpdate(
        { _id: runKey(workspaceId), $or: [{ until: { $lte: now } }, { holder }] },
        { $set: { holder, until }, $inc: { fence: 1 }, $setOnInsert: { schemaVersion: 1, ...newMatchRun(workspaceId) } }, { upsert: true, returnDocument: 'after' },
      ).catch((error: unknown) => {
        // It is there, and another's.
        if (isDuplicateKey(error)) return null;
        throw error;
      });
      return row === null ? null : { row: matchRunRow(row), fence: row.fence };
    },

    save: (lease, row, until) => save(lease, row, until),

    async request(workspaceId, now) {
      await matchRuns.updateOne({ _id: runKey(workspaceId), step: null }, { $set: { dueAt: now } });
    },

    async listProfileIds(workspaceId, after, limit) {
      const found = await profiles.find({ _id: { $gt: storeKey(workspaceId, after ?? ''), $lt: `${workspaceId}}` } }, { sort: { _id: 1 }, limit, projection: { profileId: 1 } }).toArray();
      return found.map(({ profileId }) => profileId);
    },

    writeKeys: (lease, row, keys, until) => runTransaction(client, async (session) => {
      await save(lease, row, until, session);
      const { workspaceId, runId } = row;
      if (keys.length > 0) await matchKeys.insertMany(keys.map(({ key, profileId }) => ({ _id: storeKey(workspaceId, runId, key, profileId), schemaVersion: 1, workspaceId, profileId })), { session });
    }),

    async readKeys({ workspaceId, runId }, after, limit) {
      const prefix = storeKey(workspaceId, runId, '');
      const found = await matchKeys.find({ _id: { $gt: `${prefix}${after ?? ''}`, $lt: `${storeKey(workspaceId, runId)}}` } }, { sort: { _id: 1 }, limit }).toArray();
      return found.map(({ _id, profileId }) => ({ key: _id.slice(prefix.length, _id.length - profileId.length - 1), profileId }));
    },

    countKey: ({ workspaceId, runId }, key) => matchKeys.countDocuments({ _id: { $gt: storeKey(workspaceId, runId, key, ''), $lt: `${storeKey(workspaceId, runId, key)}}` } }),

    writeSizes: (lease, row, sizes, until) => runTransaction(client, async (session) => {
      await save(lease, row, until, session);
      const { workspaceId, runId } = row;
      if (sizes.size > 0) await matchBlocks.insertMany([...sizes].map(([key, size]) => ({ _id: storeKey(workspaceId, runId, key), schemaVersion: 1, workspaceId, size })), { session });
    }),

    async findSizes({ workspaceId, runId }, keys) {
      if (keys.length === 0) return new Map();
      const prefix = storeKey(workspaceId, runId, '');
      const found = await matchBlocks.find({ _id: { $in: keys.map((key) => `${prefix}${key}`) } }).toArray();
      return new Map(found.map(({ _id, size }) => [_id.slice(prefix.length), size]));
    },

    suggest: (lease, row, found, now, until) => runTransaction(client, async (session) => {
      await save(lease, row, until, session);
      await writeSuggestions(collections, session, row, found, now);
    }),

    clear: (lease, now, until) => runTransaction(client, async (session) => {
      const { row } = lease;
      await save(lease, row, until, session);
      const isGone = await removeIndex(collections, row.workspaceId, session);
      const unseen = await matchSuggestions.find({ workspaceId: row.workspaceId, state: 'open', seenAt: { $lt: row.startedAt } }, { session, limit: CLEARED, projection: { _id: 1 } }).toArray();
      if (unseen.length > 0) await matchSuggestions.updateMany({ _id: { $in: unseen.map(({ _id }) => _id) } }, { $set: { state: 'outdated', decidedAt: now } }, { session });
      return isGone && unseen.length < CLEARED;
    }),

    async turnOff(workspaceId, now) {
      if ((await matchRuns.findOne({ _id: runKey(workspaceId) }, { projection: { _id: 1 } })) === null) return;
      // Whoever is at it loses its fence.
      await matchRuns.updateOne({ _id: runKey(workspaceId) }, { $set: { ...withoutLast(newMatchRun(workspaceId)), holder: null, until: 0 }, $inc: { fence: 1 } });
      while (!(await runTransaction(client, (session) => removeIndex(collections, workspaceId, session))));
      await matchSuggestions.updateMany({ workspaceId, state: 'open' }, { $set: { state: 'outdated', decidedAt: now } });
    },
  });
}

/** A stored run as the pipeline knows it. */
export function matchRunRow({ _id, schemaVersion, holder, until, fence, ...row }: StoredMatchRun): MatchRunRow {
  return row;
}

function withoutLast({ last, ...row }: MatchRunRow): Omit<MatchRunRow, 'last'> {
  return row;
}

function runKey(workspaceId: string): string {
  return storeKey(workspaceId, 'matching');
}

async function removeIndex({ matchKeys, matchBlocks }: Pick<Collections, 'matchKeys' | 'matchBlocks'>, workspaceId: string, session: mongo.ClientSession): Promise<boolean> {
  const all = { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } };
  let isGone = true;
  for (const collection of [matchKeys as unknown as mongo.Collection<Stored>, matchBlocks as unknown as mongo.Collection<Stored>]) {
    const found = await collection.find(all, { session, limit: CLEARED, projection: { _id: 1 }, sort: { _id: 1 } }).toArray();
    if (found.length > 0) await collection.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } }, { session });
    isGone &&= found.length < CLEARED;
  }
  return isGone;
}

async function updateOwn(runs: mongo.Collection<StoredMatchRun>, { row: { workspaceId }, fence }: MatchLease, $set: Partial<StoredMatchRun>, session?: mongo.ClientSession): Promise<void> {
  const { matchedCount } = await runs.updateOne({ _id: runKey(workspaceId), fence }, { $set }, session === undefined ? {} : { session });
  if (matchedCount !== 1) throw new FenceLost('The run was taken over.');
}
