import { SYNC_FLOW_IDS } from '@firsthand/domain';
import { FLOW_PAUSED, PAUSED_DUE_AT } from '@firsthand/pipeline';
import { FLAG, NULLABLE_NUMBER, NULLABLE_TEXT, NUMBER, OPEN, OPTIONAL, TEXT, storedSchema } from './stored-schema.js';

/** What goes out: the outbox, waiting flow runs, lanes, and the rows that are only appended. */
export const DELIVERY_SCHEMAS = {
  deliveries: storedSchema(
    {
      connectionId: TEXT, action: TEXT, operation: TEXT, class: TEXT, profileId: TEXT, seq: NUMBER, purpose: TEXT, flowId: NULLABLE_TEXT, flowVersion: NULLABLE_NUMBER,
      stepId: NULLABLE_TEXT, runId: NULLABLE_TEXT, eventId: NULLABLE_TEXT, segmentId: NULLABLE_TEXT, cause: NULLABLE_TEXT, createdAt: NUMBER, dueAt: NUMBER, retryFrom: Number,
      attempt: NUMBER, state: TEXT, reason: NULLABLE_TEXT, exchange: Object, toldAs: String, byHand: Object, timing: String,
    },
    [
      // A lane's queue in its order; settled rows, soon the most of them, are not in it.
      { fields: { workspaceId: 1, connectionId: 1, createdAt: 1, seq: 1, dueAt: 1 }, partial: { state: 'pending', attempt: 0 } },
      // Those that were tried or put off, by when; what is due at one time (a morning, a replay) in its order.
      { fields: { workspaceId: 1, connectionId: 1, dueAt: 1, createdAt: 1, seq: 1 }, partial: { state: 'pending', attempt: { $gt: 0 } } },
      { fields: { workspaceId: 1, connectionId: 1, profileId: 1, dueAt: 1 }, partial: { state: 'pending' } },
      { fields: { workspaceId: 1, profileId: 1, seq: 1 } },
      // What ended badly (`blocked`, `cancelled`, `dead` sort before `delivered`): the dead letters, and what a replay takes up. Others cost it nothing.
      { fields: { workspaceId: 1, connectionId: 1, state: 1, createdAt: 1, seq: 1 }, partial: { state: { $lt: 'delivered' } } },
      // The whole outbox, newest first. It grows at its end only.
      { fields: { workspaceId: 1, createdAt: 1, _id: 1 } },
      // What takes something back and waits at a lane, ahead of its queue.
      { fields: { workspaceId: 1, connectionId: 1, cause: 1, dueAt: 1 }, partial: { state: 'pending', class: 'suppression' } },
      // What was taken back, and what could not be, by its age.
      { fields: { workspaceId: 1, cause: 1, state: 1, createdAt: 1, _id: 1 }, partial: { class: 'suppression' } },
      // What is to put a person into audiences.
      { fields: { workspaceId: 1, profileId: 1, segmentId: 1 }, partial: { segmentId: { $gt: '' } } },
      // What became of the writes of sync rules, whose flows have these ids. Others cost it nothing.
      { fields: { workspaceId: 1, flowId: 1, createdAt: 1, state: 1, reason: 1 }, partial: { flowId: { $gte: SYNC_FLOW_IDS[0], $lt: SYNC_FLOW_IDS[1] } } },
      // What waits at the gate of its segment.
      { fields: { workspaceId: 1, connectionId: 1, segmentId: 1, createdAt: 1, seq: 1 }, partial: { state: 'pending', reason: 'push-held' } },
      // What waits because its flow is paused.
      { fields: { workspaceId: 1, flowId: 1, createdAt: 1, seq: 1 }, partial: { state: 'pending', reason: FLOW_PAUSED } },
    ],
  ),
  audienceMembers: storedSchema({ connectionId: TEXT, action: TEXT, profileId: TEXT, sets: [OPEN], keys: [String] }, [{ fields: { workspaceId: 1, profileId: 1, connectionId: 1 } }, { fields: { workspaceId: 1, connectionId: 1, keys: 1 } }]),
  syncStates: storedSchema(
    { connectionId: TEXT, profileId: TEXT, names: [String], fields: OPEN, deleted: Object, gone: Object, other: Object, namedAt: Number, since: Number, forgottenAt: Number, erases: Object, isInDoubt: Boolean, stoppedBy: { type: [String], default: undefined } },
    // Those that nobody has let go again.
    [{ fields: { workspaceId: 1, profileId: 1, connectionId: 1 } }, { fields: { workspaceId: 1, stoppedBy: 1, _id: 1 }, partial: { stoppedBy: { $exists: true } } }],
  ),
  audienceCompares: storedSchema(
    {
      connectionId: TEXT, flowId: TEXT, stepId: TEXT, isPreview: FLAG, perSecond: NULLABLE_NUMBER, startedAt: NUMBER, after: NULLABLE_TEXT, counts: OPEN, isListed: FLAG, listing: Object,
      dueAt: NULLABLE_NUMBER, end: Object,
    },
    [{ fields: { dueAt: 1 }, partial: { dueAt: { $gt: 0 } } }],
  ),
  inFlight: storedSchema({ connectionId: TEXT, tallies: [{ minute: Number, count: Number, _id: false }], dueAt: NUMBER, rows: TEXT, moved: String }, [{ fields: { dueAt: 1 } }]),
  runs: storedSchema(
    {
      flowId: TEXT, flowVersion: NUMBER, profileId: TEXT, eventId: NULLABLE_TEXT, segmentId: NULLABLE_TEXT, key: NULLABLE_TEXT, resumeAtStep: NUMBER, wait: Object, since: Number,
      startedAt: NUMBER, dueAt: NULLABLE_NUMBER, end: Object, answers: String, expireAt: Date,
    },
    [
      { fields: { dueAt: 1 } }, { fields: { workspaceId: 1, profileId: 1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 },
      // Those that wait, by where they wait.
      { fields: { workspaceId: 1, flowId: 1, flowVersion: 1, resumeAtStep: 1, _id: 1 }, partial: { dueAt: { $gt: 0 } } },
      // Those of flows that are paused, which would have gone on by now.
      { fields: { workspaceId: 1, flowId: 1 }, partial: { dueAt: PAUSED_DUE_AT } },
    ],
  ),
  flowEntries: storedSchema({ profileId: TEXT, at: NUMBER }, [{ fields: { workspaceId: 1, profileId: 1 } }]),
  contacts: storedSchema(
    { profileId: TEXT, channel: TEXT, at: NUMBER, expireAt: { type: Date, required: true } },
    [{ fields: { workspaceId: 1, profileId: 1, at: 1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 }],
  ),
  stepCounts: storedSchema(
    { flowId: TEXT, flowVersion: NUMBER, counts: [OPEN], hour: NUMBER, isOpen: Boolean },
    // Those that are not added up yet.
    [{ fields: { workspaceId: 1, hour: 1 }, partial: { isOpen: true } }],
  ),
  schedules: storedSchema({ flowId: TEXT, flowVersion: NUMBER, pattern: TEXT, nextAt: NUMBER, running: Object }),
  lanes: storedSchema({ connectionId: TEXT, fence: NUMBER, holder: NULLABLE_TEXT, until: NUMBER, chainSeq: NUMBER, chainHash: String, cursor: String, nextAt: Number, health: Object }),
  changes: storedSchema({ profileId: TEXT, version: NUMBER, at: NUMBER, changedFields: [String], memberships: [OPEN], blockId: String }),
  changeBlocks: storedSchema(
    { order: OPTIONAL, at: NUMBER, count: NUMBER, content: TEXT, isOpen: Boolean, last: Number, expireAt: Date },
    [
      // Those that wait for their numbers, in the order in which the server took them.
      { fields: { workspaceId: 1, order: 1 }, partial: { isOpen: true } },
      // A number is given once.
      { fields: { workspaceId: 1, last: 1 }, unique: true, partial: { last: { $gt: 0 } } },
      { fields: { expireAt: 1 }, expireAfterSeconds: 0 },
    ],
  ),
  changeHeads: storedSchema({ last: NUMBER }),
  ledger: storedSchema({ connectionId: TEXT, minute: NUMBER, counts: OPEN }),
  balanceReports: storedSchema(
    { day: TEXT, judgedAt: NUMBER, minutes: NUMBER, openMinutes: NUMBER, difference: NUMBER, connections: [OPEN], gaps: [OPEN], toldMinutes: NUMBER, toldAt: NULLABLE_NUMBER, expireAt: { type: Date, required: true } },
    [{ fields: { expireAt: 1 }, expireAfterSeconds: 0 }],
  ),
  // One row per transaction of a lane, until it is added up: no index beside the key, which is in the order of time.
  freshnessCounts: storedSchema({ connectionId: TEXT, counts: [OPEN] }),
  // Read by ranges of its key: workspace, span, time.
  freshness: storedSchema({ every: TEXT, source: TEXT, destination: TEXT, parts: [OPEN], expireAt: { type: Date, required: true } }, [{ fields: { expireAt: 1 }, expireAfterSeconds: 0 }]),
};
