import { NULLABLE_TEXT, NUMBER, OPEN, TEXT, installationSchema, storedSchema } from './stored-schema.js';

/** The audit log, one chain per workspace, its key the place in the chain; and tries of credentials. */
export const AUDIT_SCHEMAS = {
  auditTrail: storedSchema({
    seq: NUMBER, previousHash: TEXT, hash: TEXT, callId: TEXT, actorKind: TEXT, actorId: TEXT, method: TEXT, route: TEXT, resourceId: NULLABLE_TEXT, outcome: TEXT, at: NUMBER,
    purpose: NULLABLE_TEXT, reason: NULLABLE_TEXT, reference: NULLABLE_TEXT, fields: OPEN,
  }, [{ fields: { workspaceId: 1, actorId: 1, _id: -1 } }, { fields: { workspaceId: 1, resourceId: 1, _id: -1 } }]),
  loginTries: installationSchema({ count: NUMBER, until: NUMBER, expireAt: { type: Date, required: true } }, [{ fields: { expireAt: 1 }, expireAfterSeconds: 0 }]),
};
