/** What people may ask for: GDPR art. 15, 20, 16, 17, 18 and 21; PIPL art. 44 to 47; CCPA § 1798.105 to 110. */
export const REQUEST_KINDS = ['access', 'portability', 'rectification', 'erasure', 'restriction', 'objection'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** The kinds that a worker carries out: it completes them with what it did. */
export const WORKED_KINDS: readonly RequestKind[] = ['access', 'portability', 'erasure'];

/** The kinds that are completed by doing what they ask for, in one step: what was done is in the ledger of consents, and nobody can only say so. */
export const ACT_KINDS: readonly RequestKind[] = ['restriction', 'objection'];

/** Where a request stands. `identity-check`: nobody has shown yet that it is the person who asks. */
export const REQUEST_STATUSES = ['received', 'identity-check', 'in-progress', 'completed', 'refused', 'cancelled'] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** The statuses of requests that still have to be answered. */
export const OPEN_STATUSES: readonly RequestStatus[] = ['received', 'identity-check', 'in-progress'];

/** The law that says how long an answer may take. */
export const REGIMES = ['gdpr', 'ccpa', 'pipl'] as const;
export type Regime = (typeof REGIMES)[number];

/** Where a request came in: by hand, on the privacy page, over OpenDSR, or with a record of a source. */
export const REQUEST_SOURCES = ['admin', 'page', 'machine', 'hook'] as const;
export type RequestSource = (typeof REQUEST_SOURCES)[number];

/** How it was shown that the person asks: a link or code that only they get, a machine or source that answers for it, or by hand. */
export const VERIFICATIONS = ['link', 'code', 'machine', 'source', 'document', 'known-in-person', 'called-back'] as const;
export type Verification = (typeof VERIFICATIONS)[number];

/** The ways of {@link VERIFICATIONS} by which staff can vouch for somebody. */
export const VERIFICATIONS_BY_HAND = ['document', 'known-in-person', 'called-back'] as const satisfies readonly Verification[];

/** Why a request may be refused: GDPR art. 12(2), 12(5), 15(4), 17(3), 21(1); CCPA § 1798.105(d). A code, so that the person reads it in their language. */
export const REFUSALS = ['not-identified', 'unfounded', 'excessive', 'legal-obligation', 'legal-claims', 'rights-of-others', 'compelling-grounds', 'not-held'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Why a request may take longer: GDPR art. 12(3). */
export const EXTENSION_REASONS = ['complexity', 'number-of-requests'] as const;
export type ExtensionReason = (typeof EXTENSION_REASONS)[number];

/** Who changed a request. `person`: the customer; `system`: a worker. */
export interface RequestActor {
  kind: 'user' | 'apiKey' | 'person' | 'system';
  /** Of an account or key; null for a person or worker. */
  id: string | null;
}

/** One change of status; `from` is null for the first. */
export interface RequestChange {
  /** Epoch ms. */
  at: number;
  from: RequestStatus | null;
  to: RequestStatus;
  actor: RequestActor;
  /** A code: why it was refused, how the identity was shown. Never free text. */
  reason: string | null;
}
