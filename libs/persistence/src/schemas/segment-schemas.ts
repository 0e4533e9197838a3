import { FLAG, NULLABLE_NUMBER, NUMBER, OPEN, TEXT, storedSchema } from './stored-schema.js';

/** What is kept of segments besides their definitions and the memberships on profiles. */
export const SEGMENT_SCHEMAS = {
  pushGates: storedSchema(
    {
      connectionId: TEXT, segmentId: TEXT, version: NUMBER, state: TEXT, allowance: NUMBER, removed: NUMBER, figures: Object, checkedAt: NULLABLE_NUMBER, reference: Object, breaches: [OPEN], heldSince: NULLABLE_NUMBER, toldAt: NULLABLE_NUMBER,
      decision: Object, isReleasing: FLAG, rejectedUpTo: NULLABLE_NUMBER, dueAt: NULLABLE_NUMBER,
    },
    [{ fields: { dueAt: 1 }, partial: { dueAt: { $gt: 0 } } }],
  ),
  segmentSizes: storedSchema({ segmentId: TEXT, segmentVersion: NUMBER, hour: NUMBER, at: NUMBER, size: NUMBER, toldSize: NUMBER }, [{ fields: { workspaceId: 1, hour: 1 } }]),
  groupNumbers: storedSchema({ number: NUMBER, expireAt: { type: Date, required: true } }, [{ fields: { expireAt: 1 }, expireAfterSeconds: 0 }]),
};
