import { FLAG, NULLABLE_NUMBER, NULLABLE_TEXT, NUMBER, OPEN, OPTIONAL, TEXT, storedSchema } from './stored-schema.js';

/** What people agreed to, and the proof of it. */
export const CONSENT_SCHEMAS = {
  consents: storedSchema(
    {
      recordId: TEXT, identityKey: TEXT, purpose: TEXT, decision: TEXT, recipients: [String], agreementId: NULLABLE_TEXT, agreementVersion: NULLABLE_NUMBER,
      textHash: NULLABLE_TEXT, method: TEXT, sourceConnectionId: NULLABLE_TEXT, isVerified: FLAG, effectiveAt: NUMBER, recordedAt: NUMBER,
      actor: OPTIONAL, servedNotice: OPTIONAL, signatureHash: String, importedAs: String, isUnproven: Boolean, isUnconfirmed: Boolean, confirms: OPTIONAL,
      seal: { version: NUMBER, nonce: String, identity: TEXT, hash: TEXT },
    },
    [{ fields: { workspaceId: 1, identityKey: 1 } }],
  ),
  unsealedConsents: storedSchema({ consents: [{ recordId: TEXT, hash: TEXT, _id: false }] }, [{ fields: { workspaceId: 1, _id: 1 } }]),
  consentStates: storedSchema({ profileId: TEXT, state: OPEN }),
  oneTimeCodes: storedSchema({ digest: TEXT, tries: NUMBER, expiresAt: NUMBER, issued: NUMBER, windowUntil: NUMBER, expireAt: { type: Date, required: true } }, [{ fields: { expireAt: 1 }, expireAfterSeconds: 0 }]),
  confirmations: storedSchema(
    { identityKey: TEXT, asks: [OPEN], nonce: String, language: TEXT, connectionId: TEXT, dueAt: NULLABLE_NUMBER, sentAt: [Number], lastSentAt: NUMBER, expiresAt: NUMBER, forgetAt: NUMBER, expireAt: { type: Date, required: true } },
    [{ fields: { dueAt: 1 }, partial: { dueAt: { $gt: 0 } } }, { fields: { workspaceId: 1, connectionId: 1, lastSentAt: 1 } }, { fields: { expireAt: 1 }, expireAfterSeconds: 0 }],
  ),
  tombstones: storedSchema({ keyId: TEXT, createdAt: NUMBER, along: { type: [String], default: undefined } }),
  erasures: storedSchema(
    {
      requestId: NULLABLE_TEXT, startedAt: NUMBER, profileIds: [String], identityKeys: [String], people: [OPEN], step: TEXT, cursor: NULLABLE_TEXT, counts: OPEN, held: [OPEN], recipients: [OPEN],
      removedAt: NULLABLE_NUMBER, finishedAt: NULLABLE_NUMBER, manualSince: Number, toldAs: String, dueAt: NULLABLE_NUMBER, holder: NULLABLE_TEXT, until: NUMBER, fence: NUMBER,
    },
    // Those that go on, and whom recipients are still told of.
    [
      { fields: { dueAt: 1 }, partial: { dueAt: { $gt: 0 } } }, { fields: { workspaceId: 1, profileIds: 1 } },
      // Those of which recipients have to be asked by hand.
      { fields: { workspaceId: 1, manualSince: 1 }, partial: { manualSince: { $gt: 0 } } },
    ],
  ),
  heldData: storedSchema({ erasureId: TEXT, category: TEXT, heldAt: NUMBER, record: OPEN }, [{ fields: { workspaceId: 1, erasureId: 1 } }, { fields: { workspaceId: 1, category: 1 } }]),
  disclosures: storedSchema(
    { connectionId: TEXT, action: TEXT, profileId: TEXT, purposes: [String], fields: [String], identifiers: [OPEN], firstAt: NUMBER, grounds: OPTIONAL },
    [{ fields: { workspaceId: 1, profileId: 1, connectionId: 1 } }],
  ),
  evidence: storedSchema(
    { connectionId: TEXT, seq: NUMBER, previousHash: String, hash: TEXT, evaluatedAt: NUMBER, content: TEXT, deliveryIds: [String] },
    [{ fields: { workspaceId: 1, deliveryIds: 1 } }],
  ),
};
