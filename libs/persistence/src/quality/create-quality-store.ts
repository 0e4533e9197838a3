import { FenceLost, type QualityAlertRow, type QualityPlace, type QualityState, type QualityStore } from '@firsthand/pipeline';
import type { Connection, mongo } from 'mongoose';
import { collectionsOf, type Collections } from '../store/collections.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { StoredQualityAlert, StoredQualityState } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { runTransaction } from '../transaction/run-transaction.js';
import { compactCounts, hourKey } from './compact-counts.js';

const DAY_MS = 86_400_000;
/** A year, with the same weeks of the year before. */
const RESULT_DAYS = 400;
const ALERT_DAYS = 90;
/** Of one turn: the rest waits for the next. */
const MAX_DUE_ALERTS = 100;

/**
 * What is counted, known and told of expectations, on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const watch = createQualityWatch({ quality: createQualityStore(connection), … });
 */
export function createQualityStore(connection: Connection): QualityStore {
  const client = connection.getClient();
  const collections = collectionsOf(connection);
  const { qualityHours, qualityStates, qualityAlerts } = collections;
  return withStoreFailures<QualityStore>({
    compact: (workspaceId) => runTransaction(client, (session) => compactCounts(collections, session, workspaceId)),

    async findStates(workspaceId) {
      return (await qualityStates.find({ _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } }).toArray()).map(toState);
    },

    async findBuckets(place, hours) {
      if (hours.length === 0) return [];
      const rows = await qualityHours.find({ _id: { $in: hours.map((hour) => hourKey(place, hour)) } }, { projection: { buckets: 1 } }).toArray();
      return rows.flatMap(({ buckets }) => buckets);
    },

    async insertState({ workspaceId, ...state }) {
      const _id = stateKey({ workspaceId, ...state });
      await qualityStates.updateOne({ _id }, { $setOnInsert: { schemaVersion: 1, workspaceId, ...state } }, { upsert: true });
    },

    save: ({ state, result, alert }) => runTransaction(client, async (session) => {
      if (state !== null) await moveState(qualityStates, state, session);
      if (result !== null) {
        const { workspaceId, expectationId, connectionId, hour, score, ...row } = result;
        const _id = storeKey(workspaceId, expectationId, connectionId, new Date(hour).toISOString().slice(0, 13));
        await collections.qualityResults.updateOne({ _id }, {
          $min: { score }, $set: row, $setOnInsert: { schemaVersion: 1, workspaceId, expectationId, connectionId, hour, expireAt: new Date(hour + RESULT_DAYS * DAY_MS) },
        }, { upsert: true, session });
      }
      if (alert !== null) await qualityAlerts.insertOne(storedAlert(alert), { session });
    }),

    removeState: (state, alert) => runTransaction(client, async (session) => {
      const { deletedCount } = await qualityStates.deleteOne({ _id: stateKey(state), revision: state.revision }, { session });
      if (deletedCount !== 1) throw new FenceLost('Somebody else has moved how an expectation stands.');
      if (alert !== null) await qualityAlerts.insertOne(storedAlert(alert), { session });
    }),

    async findDueAlerts(workspaceId, now) {
      return (await qualityAlerts.find({ workspaceId, dueAt: { $gt: 0 } }, { sort: { dueAt: 1 }, limit: MAX_DUE_ALERTS }).toArray()).map(toAlert)
        .sort((one, other) => one.createdAt - other.createdAt).filter(notBehindAWaitingOne(now));
    },

    async settleAlert({ alertId, ...change }) {
      await qualityAlerts.updateOne({ _id: alertId }, { $set: change });
    },
  });
}

/** What a receiver is told, it is told in order: behind one that waits for another try the next ones wait too. */
function notBehindAWaitingOne(now: number): (alert: QualityAlertRow) => boolean {
  const waiting = new Set<string>();
  return ({ to, dueAt }) => {
    if ((dueAt ?? 0) > now) waiting.add(to);
    return !waiting.has(to);
  };
}

/** When the last event came is written by who adds up, and stays as it is. */
async function moveState(states: Collections['qualityStates'], { status, since, isTold, toldAt, alertConnectionId, revision, ...place }: QualityState, session: mongo.ClientSession): Promise<void> {
  const { matchedCount } = await states.updateOne({ _id: stateKey(place), revision }, { $set: { status, since, isTold, toldAt, alertConnectionId, revision: revision + 1 } }, { session });
  if (matchedCount !== 1) throw new FenceLost('Somebody else has moved how an expectation stands.');
}

/** The key of a state: one per expectation, as it counts now, and source. */
export function stateKey({ workspaceId, stamp, connectionId }: Pick<QualityPlace, 'workspaceId' | 'stamp' | 'connectionId'>): string {
  return storeKey(workspaceId, stamp, connectionId);
}

function toState({ _id, schemaVersion, ...state }: StoredQualityState): QualityState {
  return state;
}

function storedAlert({ alertId, workspaceId, ...alert }: QualityAlertRow): StoredQualityAlert {
  return { _id: ownKey(workspaceId, alertId), schemaVersion: 1, workspaceId, ...alert, expireAt: new Date(alert.createdAt + ALERT_DAYS * DAY_MS) };
}

function toAlert({ _id, schemaVersion, expireAt, ...alert }: StoredQualityAlert): QualityAlertRow {
  return { alertId: _id, ...alert };
}
