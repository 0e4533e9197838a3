/** Who receives data: the brand itself, a processor on its behalf, or a third party with purposes of its own. GDPR art. 4(8) and 4(10). */
export type RecipientKind = 'own' | 'processor' | 'third-party';

/** Every kind of recipient: whom a refusal is for that names none. */
export const RECIPIENT_KINDS: readonly RecipientKind[] = ['own', 'processor', 'third-party'];

/** GDPR art. 6(1): on which ground a purpose stands. */
export type LawfulBasis = 'consent' | 'contract' | 'legal' | 'vital' | 'public' | 'legitimate';

export type ConsentDecision = 'granted' | 'denied' | 'withdrawn' | 'objected' | 'expired';

/** How the person told us. */
export type ConsentMethod = 'toggle' | 'event' | 'api' | 'import' | 'signal';

/** A purpose as configured: what data may be used for, and on which ground. */
export interface Purpose {
  key: string;
  name: Record<string, string>;
  description: Record<string, string>;
  lawfulBasis: LawfulBasis;
  /** Canonical profile/event fields that may be used, `*` for all, prefix globs allowed (`profile.*`). */
  fields: string[];
  /** Sharing with a third party under this purpose needs its own consent item. */
  needsSeparateThirdPartyConsent: boolean;
  /** Days after which a grant expires; null never. */
  expiresAfterDays: number | null;
}

/** One immutable version of an agreement with the text that the customer reads. */
export interface AgreementVersion {
  agreementId: string;
  version: number;
  /** A material version ends the effect of consents to older ones. */
  isMaterial: boolean;
  /** Purpose keys that this agreement covers. */
  purposes: string[];
  /** Language (BCP 47) to text. */
  texts: Record<string, string>;
  /** SHA-256 (hex) per language of the text. */
  textHashes: Record<string, string>;
  /** Epoch ms. */
  publishedAt: number;
}

/** One row of the append-only log: one purpose, one decision. Fields follow ISO/IEC TS 27560. */
export interface ConsentRecord {
  recordId: string;
  workspaceId: string;
  /** `namespace|value` of the identity that decided: consent is keyed by identity, so that a merge or unmerge can fold again. */
  identityKey: string;
  purpose: string;
  decision: ConsentDecision;
  /** Recipient kinds the decision covers. A refusal without any is for all. */
  recipients: RecipientKind[];
  agreementId: string | null;
  agreementVersion: number | null;
  textHash: string | null;
  method: ConsentMethod;
  sourceConnectionId: string | null;
  /** False for a claim over a public write key: it holds for the device only, until the person is verified. A withdrawal or denial always counts. */
  isVerified: boolean;
  /** When the person decided, epoch ms; never after recordedAt. */
  effectiveAt: number;
  /** When we learned of it, epoch ms. */
  recordedAt: number;
}

/** The decision in force for one purpose and recipient kind. */
export interface ConsentStanding {
  decision: ConsentDecision;
  recordId: string;
  agreementId: string | null;
  agreementVersion: number | null;
  textHash: string | null;
  method: ConsentMethod;
  effectiveAt: number;
  recordedAt: number;
}

/** The state of a person: `purpose` → recipient kind → standing. The fold of all records of all their identities. */
export type ConsentState = Record<string, Partial<Record<RecipientKind, ConsentStanding>>>;
