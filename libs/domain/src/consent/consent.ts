import type { NotedNotice } from './served-notice.js';

/** Who receives data: the brand itself, a processor on its behalf, or a third party with purposes of its own. GDPR art. 4(8) and 4(10). */
export type RecipientKind = 'own' | 'processor' | 'third-party';

/** Every kind of recipient: whom a refusal is for that names none. */
export const RECIPIENT_KINDS: readonly RecipientKind[] = ['own', 'processor', 'third-party'];

/**
 * What needs a consent of its own beside the one to the purpose: sensitive data (GDPR art. 9, PIPL art. 29), data that leaves the person's country (PIPL art. 39), and
 * children under 14, for whom a parent decides (PIPL art. 31). Sharing with a third party (PIPL art. 23) is the kind of recipient.
 */
export const SEPARATE_CONSENTS = ['sensitive', 'cross-border', 'minor'] as const;
export type SeparateConsent = (typeof SEPARATE_CONSENTS)[number];

/** The channels on which a purpose may reach people where an admin names no others. */
export const CONTACT_CHANNELS: readonly string[] = ['email', 'sms', 'push', 'ads', 'phone'];

/** The purpose key of a decision about every purpose: a restriction of all processing, or no messages on a channel at all. */
export const EVERY_PURPOSE = '*';

/** What one decision about a purpose is for: a kind of recipient, something that needs a consent of its own, or a channel (e.g. `email`). */
export type ConsentScope = string;

/** GDPR art. 6(1): on which ground a purpose stands. */
export const LAWFUL_BASES = ['consent', 'contract', 'legal', 'vital', 'public', 'legitimate'] as const;
export type LawfulBasis = (typeof LAWFUL_BASES)[number];

export type ConsentDecision = 'granted' | 'denied' | 'withdrawn' | 'objected' | 'expired';

/**
 * How the person told us: by an act of their own (a switch, a signature, a confirmed double opt-in, what staff or a system recorded), by a file from elsewhere, or carried by events
 * (`event`: categories of a consent tool; Global Privacy Control, IAB TCF and GPP, Google Consent Mode).
 */
export const CONSENT_METHODS = ['toggle', 'api', 'signature', 'double-opt-in', 'import', 'event', 'gpc', 'tcf', 'gpp', 'consent-mode'] as const;
export type ConsentMethod = (typeof CONSENT_METHODS)[number];

/** Who brought a decision here: the person, a parent or guardian of a child, staff of a store by an id, an account or API key of the brand by its id, or a file. */
export const CONSENT_ACTORS = ['person', 'guardian', 'clerk', 'admin', 'import'] as const;
export interface ConsentActor {
  kind: (typeof CONSENT_ACTORS)[number];
  /** Of a clerk: what the store calls them; of an admin: the account or key. No name. */
  id?: string;
}

/** A grant over a public channel that its person confirms at one of these: UWG § 7(2) no. 2 and (3); BGH, I ZR 164/09 (10 February 2011); GDPR art. 7(1). */
export const CONFIRMED_CHANNELS = ['email', 'sms'] as const;
export type ConfirmedChannel = (typeof CONFIRMED_CHANNELS)[number];

/** A purpose as configured: what data may be used for, and on which ground. */
export interface Purpose {
  key: string;
  name: Record<string, string>;
  description: Record<string, string>;
  lawfulBasis: LawfulBasis;
  /** Country (ISO 3166) to basis, where the law of the person's country asks for another one, e.g. `{ US: 'legitimate' }`. Of a person whose country is not known the hardest counts. */
  lawfulBasisIn: Record<string, LawfulBasis>;
  /** What kinds of data it uses, as a notice calls them, e.g. `contact details`. */
  dataCategories: string[];
  /** Canonical profile/event fields that may be used, `*` for all, prefix globs allowed (`profile.*`). */
  fields: string[];
  /** What needs a consent of its own, on whatever basis the purpose stands. */
  separateConsent: ('third-party' | SeparateConsent)[];
  /** Channels on which it may reach people. */
  channels: string[];
  /** The destination connections that may get data under it; null for all that flows send to. */
  recipients: string[] | null;
  /** Days for which data is kept for it; null while the person stays. */
  retentionDays: number | null;
  /** Days after which a grant expires; null never. */
  expiresAfterDays: number | null;
  /** By which contacts a grant that anybody could have typed in is to be confirmed before it counts; none when left out. */
  doubleOptIn?: readonly ConfirmedChannel[];
}

/** What a purpose is where an admin says nothing else: the careful choice. */
export const PURPOSE_DEFAULTS = {
  lawfulBasisIn: {}, dataCategories: [], separateConsent: ['third-party', 'sensitive', 'minor'], channels: [...CONTACT_CHANNELS], recipients: null, retentionDays: null, doubleOptIn: [],
} satisfies Partial<Purpose>;

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

/** What makes a record provable. */
export interface ConsentSeal {
  /** Of the way in which the hash is made. */
  version: number;
  /** Random, of this record alone, base64url. Erased with the person. */
  nonce?: string;
  /** HMAC-SHA256 (base64url) of `namespace|value` under the nonce: a commitment to who decided. */
  identity: string;
  /** SHA-256 (base64url) of the record. */
  hash: string;
}

/** One row of the append-only log: one purpose, one decision. Fields follow ISO/IEC TS 27560. */
export interface ConsentRecord {
  recordId: string;
  workspaceId: string;
  /** `namespace|value` of the identity that decided: consent is keyed by identity, so that a merge or unmerge can fold again. */
  identityKey: string;
  purpose: string;
  decision: ConsentDecision;
  /** What the decision covers. A refusal without any is for all kinds of recipients. */
  recipients: ConsentScope[];
  agreementId: string | null;
  agreementVersion: number | null;
  /** Of the text that the person was shown; null where nothing says that any was. */
  textHash: string | null;
  method: ConsentMethod;
  sourceConnectionId: string | null;
  /** False for a claim over a public write key: it holds for the device only, until the person is verified. A withdrawal or denial always counts. */
  isVerified: boolean;
  /** When the person decided, epoch ms; never after recordedAt. */
  effectiveAt: number;
  /** When we learned of it, epoch ms. */
  recordedAt: number;
  /** Absent on records of before there was one. */
  actor?: ConsentActor;
  /** What the person was shown before they decided. */
  servedNotice?: NotedNotice;
  /** SHA-256 (hex) of the document that was signed. */
  signatureHash?: string;
  /** Of an import: how they had told who knew it before. */
  importedAs?: ConsentMethod;
  /** That a grant came without proof of what was agreed to, when and how: it permits nothing. */
  isUnproven?: true;
  /** That a grant came over a public channel for a purpose that wants it confirmed: it permits nothing, and says only that somebody was asked. */
  isUnconfirmed?: true;
  /** Of a confirmation: the grant that it confirms, and when that was made (epoch ms). */
  confirms?: { recordId: string; decidedAt: number };
  /** Set on every record of the ledger; not yet on one that is only being made. */
  seal?: ConsentSeal;
}

/** The decision in force for one purpose and scope. */
export interface ConsentStanding {
  decision: ConsentDecision;
  recordId: string;
  agreementId: string | null;
  agreementVersion: number | null;
  textHash: string | null;
  method: ConsentMethod;
  effectiveAt: number;
  recordedAt: number;
  /** Set under {@link waitingScope} only: why it does not count. */
  waitsFor?: 'proof' | 'confirmation';
  /** Version and hash of the record's seal. */
  sealed?: { version: number; hash: string };
}

/** Where a state keeps the latest grant for a scope that does not count, so that a decision can say why. It is no scope of any decision: channels have no colon. */
export function waitingScope(scope: ConsentScope): ConsentScope {
  return `waiting:${scope}`;
}

/** The state of a person: `purpose` → scope → standing. The fold of all records of all their identities. */
export type ConsentState = Record<string, Partial<Record<ConsentScope, ConsentStanding>>>;
