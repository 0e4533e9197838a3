import { NULLABLE_NUMBER, NULLABLE_TEXT, FLAG, NUMBER, OPEN, OPTIONAL, TEXT, storedSchema } from './stored-schema.js';

const EXPIRES = { type: Date, required: true } as const;
const EXPIRY = { fields: { expireAt: 1 as const }, expireAfterSeconds: 0 };
const PLACE = { expectationId: TEXT, connectionId: TEXT };

/** What is counted, known and told of expectations. Most is found by its key: workspace, expectation, source, time. */
export const QUALITY_SCHEMAS = {
  // One row per batch, until it is added up: no index beside the key, which is in the order of time.
  qualityCounts: storedSchema({ at: NUMBER, counts: [OPEN], known: [OPEN] }),
  qualityHours: storedSchema({ ...PLACE, stamp: TEXT, hour: NUMBER, buckets: [OPEN], expireAt: EXPIRES }, [EXPIRY]),
  qualityDigests: storedSchema({ expireAt: EXPIRES }, [EXPIRY]),
  qualityStates: storedSchema({ ...PLACE, stamp: TEXT, status: TEXT, since: NUMBER, isTold: FLAG, toldAt: NULLABLE_NUMBER, countedSince: NUMBER, lastAt: NULLABLE_NUMBER, alertConnectionId: NULLABLE_TEXT, revision: NUMBER }),
  // The report reads a workspace's hours.
  qualityResults: storedSchema(
    { ...PLACE, hour: NUMBER, kind: TEXT, severity: TEXT, event: NULLABLE_TEXT, field: NULLABLE_TEXT, score: NUMBER, last: OPEN, expireAt: EXPIRES }, [{ fields: { workspaceId: 1, hour: 1 } }, EXPIRY],
  ),
  qualityAlerts: storedSchema(
    { ...PLACE, tidings: TEXT, to: TEXT, content: OPEN, createdAt: NUMBER, attempt: NUMBER, dueAt: NULLABLE_NUMBER, end: OPTIONAL, expireAt: EXPIRES },
    [{ fields: { workspaceId: 1, dueAt: 1 }, partial: { dueAt: { $gt: 0 } } }, { fields: { workspaceId: 1, createdAt: -1 } }, EXPIRY],
  ),
};
