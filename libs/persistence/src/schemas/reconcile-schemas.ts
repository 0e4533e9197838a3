import { NULLABLE_NUMBER, NULLABLE_TEXT, NUMBER, OPEN, OPTIONAL, TEXT, storedSchema } from './stored-schema.js';

const expireAt = { type: Date, required: true };

/** What systems hold against what we hold. */
export const RECONCILE_SCHEMAS = {
  reconciles: storedSchema(
    {
      ruleId: TEXT, connectionId: TEXT, repair: TEXT, by: OPTIONAL, startedAt: NUMBER, step: TEXT, cursor: NULLABLE_TEXT, failures: NUMBER, counts: OPEN, unread: [String], dueAt: NULLABLE_NUMBER, end: OPTIONAL,
      holder: NULLABLE_TEXT, until: NUMBER, fence: NUMBER, expireAt,
    },
    [
      // Those that go on: one of each connection at a time.
      { fields: { workspaceId: 1, connectionId: 1 }, unique: true, partial: { dueAt: { $gt: 0 } } },
      { fields: { dueAt: 1 }, partial: { dueAt: { $gt: 0 } } },
      { fields: { workspaceId: 1, ruleId: 1, startedAt: -1, _id: -1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 },
    ],
  ),
  reconcileFindings: storedSchema(
    { reconcileId: TEXT, profileId: NULLABLE_TEXT, kind: TEXT, reason: TEXT, consent: NULLABLE_TEXT, fields: [OPEN], state: TEXT, decision: NULLABLE_TEXT, repair: NULLABLE_TEXT, at: NUMBER, decidedAt: NULLABLE_NUMBER, expireAt },
    [{ fields: { workspaceId: 1, profileId: 1 } }, { fields: { workspaceId: 1, reconcileId: 1, state: 1, _id: 1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 }],
  ),
  reconcileSeen: storedSchema({ profileId: TEXT, key: TEXT, expireAt }, [{ fields: { workspaceId: 1, profileId: 1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 }]),
};
