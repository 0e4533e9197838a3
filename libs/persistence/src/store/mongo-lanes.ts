import { FenceLost, type LaneStore } from '@firsthand/pipeline';
import { blocksOf } from '../transaction/in-flight-rows.js';
import type { Collections } from './collections.js';
import { findBehindWaiting } from './find-behind-waiting.js';
import { findDueDeliveries } from './find-due-deliveries.js';
import { findDueTakeBacks } from './find-due-take-backs.js';
import { findDueLanes } from './find-due-lanes.js';
import { mongoQuarantineJobs } from '../quarantine/mongo-quarantine-jobs.js';
import { compareRow, confirmationRow, deliveryRow, runRow, scheduleRow } from './read-rows.js';
import { pausedFlows } from './paused-flows.js';
import { isDuplicateKey } from './store-failure.js';
import { laneKey, takeLane } from './take-lane.js';

/** Lanes, leases and due rows on MongoDB. A lane that was never taken begins its chain at seq 0. */
export function createMongoLanes({ lanes, deliveries, inFlight, identities, profiles, runs, audienceCompares, confirmations, unsealedConsents, schedules, quarantineJobs, changeBlocks }: Collections): LaneStore {
  return {
    ...mongoQuarantineJobs(quarantineJobs),
    ...pausedFlows({ runs, deliveries }),

    async acquireLane(lane, holder, until, now) {
      try {
        return await takeLane(lanes, lane, { holder, until, now });
      } catch (error) {
        // The lane is there but did not match, so the upsert tried to insert it again: another holder has it.
        if (isDuplicateKey(error)) return null;
        throw error;
      }
    },

    async extendLane(lease, until) {
      const { matchedCount } = await lanes.updateOne({ _id: laneKey(lease), fence: lease.fence }, { $set: { until } });
      if (matchedCount !== 1) throw new FenceLost('The lane was taken over.');
    },

    async releaseLane(lease) {
      await lanes.updateOne({ _id: laneKey(lease), fence: lease.fence }, { $set: { until: 0, holder: null } });
    },

    async readCursor(lease) {
      const found = await lanes.findOne({ _id: laneKey(lease) }, { projection: { cursor: 1, nextAt: 1 } });
      // JSON text: a plugin's cursor may have keys that BSON refuses.
      return found?.nextAt === undefined ? null : { cursor: found.cursor === undefined ? undefined : JSON.parse(found.cursor), nextAt: found.nextAt };
    },

    async writeCursor(lease, { cursor, nextAt }) {
      const position = cursor === undefined ? { nextAt } : { nextAt, cursor: JSON.stringify(cursor) };
      const { matchedCount } = await lanes.updateOne({ _id: laneKey(lease), fence: lease.fence }, { $set: position });
      if (matchedCount !== 1) throw new FenceLost('The lane was taken over.');
    },

    async hasInFlight({ workspaceId, connectionId }) {
      return (await inFlight.findOne({ _id: blocksOf(workspaceId, connectionId) }, { projection: { _id: 1 } })) !== null;
    },

    findDueDeliveries: (lane, now, limit, excludeProfileIds, takeBacksOnly = false) => (
      (takeBacksOnly ? findDueTakeBacks : findDueDeliveries)(deliveries, lane, now, limit, excludeProfileIds)),

    hasDueTakeBacks: async (lane, now) => (await findDueTakeBacks(deliveries, lane, now, 1, [])).length > 0,

    findBehindWaiting: (lane, look) => findBehindWaiting(deliveries, lane, look),

    findFresh: async ({ workspaceId, connectionId }, { now, after, limit }) => (
      (await deliveries.find({ workspaceId, connectionId, state: 'pending', attempt: 0, createdAt: { $gte: after }, dueAt: { $lte: now } }, { sort: { createdAt: 1, seq: 1 }, limit }).toArray()).map(deliveryRow)),

    findWaitingData: async ({ workspaceId, connectionId }, limit) => (await deliveries.find({ workspaceId, connectionId, state: 'pending', class: 'data' }, { limit }).toArray()).map(deliveryRow),

    findDueLanes: (now) => findDueLanes({ deliveries, inFlight }, now),

    async findDueProfiles(now, limit) {
      const found = await profiles
        .find({ dueAt: { $gt: 0, $lte: now } }, { sort: { dueAt: 1 }, limit })
        .project<{ workspaceId: string; profileId: string }>({ _id: 0, workspaceId: 1, profileId: 1 })
        .toArray();
      return found;
    },

    async findMarks(limit) {
      const found = await identities.find({ dueAt: { $gt: 0 } }, { sort: { dueAt: 1 }, limit, projection: { workspaceId: 1 } }).toArray();
      return found.map(({ _id, workspaceId }) => ({ workspaceId, identityKey: _id.slice(workspaceId.length + 1) }));
    },

    async findDueCompares(now, limit, at) {
      return (await audienceCompares.find({ dueAt: { $gt: 0, $lte: now }, listing: at === 'people' ? null : { $ne: null } }, { sort: { dueAt: 1 }, limit }).toArray()).map(compareRow);
    },
    async findDueConfirmations(now, limit) {
      return (await confirmations.find({ dueAt: { $gt: 0, $lte: now } }, { sort: { dueAt: 1 }, limit }).toArray()).map(confirmationRow);
    },

    countConfirmations: (source, since) => confirmations.countDocuments({ ...source, lastSentAt: { $gt: since } }),
    findUnsealedWorkspaces: () => unsealedConsents.distinct('workspaceId'),
    hasOpenChanges: async (workspaceId) => (await changeBlocks.findOne({ workspaceId, isOpen: true }, { projection: { _id: 1 } })) !== null,

    async findDueRuns(now, limit) {
      return (await runs.find({ dueAt: { $lte: now } }, { sort: { dueAt: 1 }, limit }).toArray()).map(runRow);
    },

    async listSchedules() {
      return (await schedules.find({ _id: { $gte: '' } }).toArray()).map(scheduleRow);
    },
  };
}
