import { FLAG, NULLABLE_NUMBER, NUMBER, OPEN, OPTIONAL, TEXT, storedSchema, NULLABLE_TEXT } from './stored-schema.js';

/** What came in: the inbox, the events made from it, their raw records, and what could not become an event. */
export const EVENT_SCHEMAS = {
  inbox: storedSchema(
    {
      partition: NUMBER, receivedAt: NUMBER, count: NUMBER, attempt: NUMBER, isImport: FLAG, dueAt: NUMBER, claim: NULLABLE_TEXT, claimedUntil: NUMBER,
      /** JSON text of `InboxRecord[]`. */
      records: TEXT,
    },
    // The claim reads this index alone. The inbox is worked off over all workspaces, live before imports and oldest first, so these lead here.
    [{ fields: { isImport: 1, dueAt: 1, claimedUntil: 1, workspaceId: 1, partition: 1, count: 1, _id: 1 } }],
  ),
  events: storedSchema(
    { connectionId: TEXT, profileId: TEXT, receivedAt: NUMBER, mappingVersion: NUMBER, record: OPEN, raw: { in: String, at: Number } },
    // Two and no more: each further one costs every insert.
    [{ fields: { workspaceId: 1, profileId: 1, 'record.occurredAt': 1 } }, { fields: { workspaceId: 1, 'record.name': 1, 'record.occurredAt': 1 } }],
  ),
  rawRecords: storedSchema({ raws: [String], expireAt: { type: Date, required: true } }, [{ fields: { expireAt: 1 }, expireAfterSeconds: 0 }]),
  quarantine: storedSchema(
    { connectionId: TEXT, receivedAt: NUMBER, quarantinedAt: NUMBER, code: TEXT, places: [{ path: String, message: String, _id: false }], raw: TEXT, mappingVersion: NUMBER, rule: { type: String }, planVersion: { type: Number }, groupId: TEXT, isVerified: Boolean, original: String, edits: [OPEN] },
    [
      { fields: { workspaceId: 1, connectionId: 1, quarantinedAt: 1 } },
      // All in the order of receipt, and those of a connection, of a code, of a group. Groups are counted from their index alone.
      { fields: { workspaceId: 1, receivedAt: 1, _id: 1 } }, { fields: { workspaceId: 1, connectionId: 1, receivedAt: 1, _id: 1 } }, { fields: { workspaceId: 1, code: 1, receivedAt: 1, _id: 1 } },
      { fields: { workspaceId: 1, groupId: 1, receivedAt: 1, _id: 1, quarantinedAt: 1 } },
    ],
  ),
  quarantineJobs: storedSchema(
    {
      kind: TEXT, selection: OPEN, connectionIds: OPTIONAL, startsFlows: FLAG, reason: NULLABLE_TEXT, perSecond: NULLABLE_NUMBER, by: OPEN, startedAt: NUMBER, after: OPTIONAL, counts: OPEN, dueAt: NULLABLE_NUMBER, end: OPTIONAL,
      holder: NULLABLE_TEXT, until: NUMBER, fence: NUMBER,
    },
    // Those that go on, and all of a workspace, newest first.
    [{ fields: { dueAt: 1 }, partial: { dueAt: { $gt: 0 } } }, { fields: { workspaceId: 1, startedAt: -1, _id: -1 } }],
  ),
  // One per workspace, found by its key.
  retentionSweeps: storedSchema({
    rules: { type: String, default: '' }, day: NUMBER, since: NULLABLE_NUMBER, fullAt: NUMBER, step: NULLABLE_TEXT, cursor: NULLABLE_TEXT, startedAt: NUMBER, counts: OPEN, last: OPTIONAL,
    holder: NULLABLE_TEXT, until: NUMBER, fence: NUMBER,
  }),
};
