import type { ConsentRecord, ConsentState, HoldCategory, JsonObject, LegalHold, Profile, QualityBucket } from '@firsthand/domain';
import type {
  AgreedAt, AudienceCompareRow, AudienceMemberRow, FindingRow, ReconcileRow, SeenCopy, BalanceReportRow, ChangeRow, ConfirmationRow, ConsentProof, ContactRow, DeliveryRow, DisclosureGround, DisclosureRow, ErasureRow, EventRow, EvidenceBlock, FlowEntryRow, FreshnessRow, FreshnessSpan, FreshnessSum, IdentityLinkRow, InboxDocument, LaneLease, LedgerEntry, MatchKeyRow, MatchRunRow, MatchSuggestionRow, MergeRow, PersonExportRow, PrivacyRequestRow, QuarantineEdit, QuarantineJobRow, QuarantineRow, RetentionRow, RunRow, ScheduleRow, PushGateRow, QualityAlertRow, QualityCountRow, QualityPlace, QualityResultRow, QualityState, SegmentSizeRow, StepCountRow, SyncStateRow,
} from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { StoredConfigured } from '../configuration/configuration-kinds.js';

/** What every stored document has: `_id` begins with `workspaceId|`. */
export interface Stored {
  _id: string;
  /** The shape of the document; migrations bring older ones up. */
  schemaVersion: number;
  workspaceId: string;
}

/** `_id` is the inboxId. The records are JSON text: any key a customer sends fits (BSON refuses some), and it is quicker to write. */
export interface StoredInbox extends Stored, Omit<InboxDocument, 'inboxId' | 'records' | 'claim'> {
  records: string;
  /** How many records, so that a claim can be sized without reading them. */
  count: number;
  /** How many of each connection and minute of receipt, so that the balance need not read them either. Older documents are without it. */
  tallies?: { connectionId: string; minute: number; count: number }[];
  /** An import waits for everything live. */
  isImport: boolean;
  dueAt: number;
  /** Token of the claim, null when nobody has it. */
  claim: string | null;
  claimedUntil: number;
}

/** `_id` is the eventId. The raw record lies apart, with its own retention. */
export interface StoredEvent extends Stored, Omit<EventRow, 'eventId' | 'raw' | 'workspaceId'> {
  /** Where the raw record is: a document of `rawRecords`, and the place in its list. */
  raw: { in: string; at: number } | null;
}

/** The raw records of events that were written together: a row each would cost an insert each. `_id` is `workspaceId|random`. */
export interface StoredRaws extends Stored {
  /** JSON texts; null where one was erased. */
  raws: (string | null)[];
  /** A date, for MongoDB deletes the row at that time by itself. */
  expireAt: Date;
}

/** `_id` is `workspaceId|namespace|value`. */
export interface StoredIdentity extends Stored {
  profileId: string;
  createdAt: number;
  /** How often somebody else came to be known by it, or ceased to: written so that both meet. Absent for never. */
  shares?: number;
  /** Set while who else is known by it is to be folded anew from the ledger: when it was marked, or handed on to some of them the last time, epoch ms. */
  dueAt?: number;
  /** The last of them to whom that was handed on; absent before the first. */
  refoldAfter?: { createdAt: number; profileId: string };
  /** Whether it was marked again since the first of them. */
  refoldAgain?: true;
  /** What people who are known by it as well have agreed to, and when last. */
  agreedAt?: AgreedAt;
}

/** `_id` is `workspaceId|profileId` of one that was merged away. */
export interface StoredAlias extends Stored {
  /** The profileId at the root. */
  to: string;
}

/** `_id` is the mergeId. */
export interface StoredMerge extends Stored, Omit<MergeRow, 'mergeId' | 'workspaceId' | 'before'> {
  /** Only this identity went over, and the loser lives on; absent for a merge. */
  movedKey?: string;
  /** When it was taken back, epoch ms; absent while it stands. */
  undoneAt?: number;
  before: { winner?: Profile; loser: Profile };
}

/** `_id` is the linkId. */
export interface StoredIdentityLink extends Stored, Omit<IdentityLinkRow, 'linkId' | 'workspaceId'> {}

/** `_id` is `workspaceId|matching`: one per workspace. */
export interface StoredMatchRun extends Stored, Omit<MatchRunRow, 'workspaceId'> {
  /** Who works on it, until when, and how often it was taken. */
  holder: string | null;
  until: number;
  fence: number;
}

/** `_id` is `workspaceId|runId|key|profileId`, so that those of one key lie together. */
export interface StoredMatchKey extends Stored, Pick<MatchKeyRow, 'profileId'> {}

/** How many have a key. `_id` is `workspaceId|runId|key`. */
export interface StoredMatchBlock extends Stored {
  size: number;
}

/** `_id` is the suggestionId. */
export interface StoredMatchSuggestion extends Stored, Omit<MatchSuggestionRow, 'suggestionId' | 'workspaceId'> {}

/** `_id` is `workspaceId|profileId`. */
export interface StoredProfile extends Stored, Omit<Profile, 'workspaceId'> {
  /** Next time-driven segment change, null none. */
  dueAt: number | null;
}

/** `_id` is `workspaceId|profileId`, also of one that was merged away: what was sent of it was digested under its own. */
export interface StoredSalt extends Stored {
  salt: string;
}

/** Consent records of one transaction that wait for their chain. `_id` is `workspaceId|random`. */
export interface StoredUnsealed extends Stored {
  consents: ConsentProof[];
}

/** `_id` is `workspaceId|recordId`. */
export interface StoredConsent extends Stored, Omit<ConsentRecord, 'workspaceId'> {}

/** `_id` is `workspaceId|profileId`. */
export interface StoredConsentState extends Stored {
  profileId: string;
  state: ConsentState;
}

/** `_id` is `workspaceId|digest`, the digest an HMAC of an erased identity. */
export interface StoredTombstone extends Stored {
  /** Of the secret key that the digest is keyed by: under another it matches nobody. */
  keyId: string;
  createdAt: number;
  /** Digests of what came along with it since, and is lifted with it. */
  along?: string[];
}

/** `_id` is the erasureId. */
export interface StoredErasure extends Stored, Omit<ErasureRow, 'erasureId' | 'workspaceId'> {
  /** Who works on it, until when, and how often it was taken. */
  holder: string | null;
  until: number;
  fence: number;
}

/** `_id` is `workspaceId|stable id(erasure, event)`. Kept under a legal hold; whose it was nothing here says. */
export interface StoredHeld extends Stored {
  /** The pseudonym: rows of one erased person have the same. */
  erasureId: string;
  category: HoldCategory;
  heldAt: number;
  record: JsonObject;
}

/** `_id` is `workspaceId|id`. */
export interface StoredLegalHold extends StoredConfigured {
  content: LegalHold;
}

/** `_id` is the requestId. It has a version, as people work on it over the configuration's repository. */
export interface StoredPrivacyRequest extends StoredConfigured {
  content: Omit<PrivacyRequestRow, 'requestId' | 'workspaceId'>;
}

/** `_id` is the confirmationId. */
export interface StoredConfirmation extends Stored, Omit<ConfirmationRow, 'confirmationId' | 'workspaceId'> {
  /** When the last message was begun; 0 for none. */
  lastSentAt: number;
  /** As {@link ConfirmationRow.forgetAt}, for MongoDB's TTL. */
  expireAt: Date;
}

/** `_id` is `workspaceId|keyed hash of an identity`: neither whose code nor which code can be read from it. */
export interface StoredOneTimeCode extends Stored {
  digest: string;
  tries: number;
  expiresAt: number;
  /** How many codes were made in the window that is open, and until when it is. */
  issued: number;
  windowUntil: number;
  /** A date, for MongoDB deletes the row at that time by itself. */
  expireAt: Date;
}

/** `_id` is a keyed hash of an account, an address or both: none can be read from it. It is of no workspace: who signs in has not said which one yet. */
export interface StoredLoginTry extends Omit<Stored, 'workspaceId'> {
  count: number;
  /** When the window ends, epoch ms; as a date for MongoDB's TTL. */
  until: number;
  expireAt: Date;
}

/** `_id` is `workspaceId|connectionId|action|profileId`. */
export interface StoredDisclosure extends Stored, Omit<DisclosureRow, 'workspaceId' | 'grounds'> {
  /** By a hash of what tells them apart, so that each grows by itself. */
  grounds?: Record<string, DisclosureGround>;
}

/** `_id` is `workspaceId|connectionId|action|profileId`. */
export interface StoredAudienceMember extends Stored, Omit<AudienceMemberRow, 'workspaceId'> {
  /** Of the sets: by what a member that a vendor lists is found. */
  keys: string[];
}

/** `_id` is the compareId. */
export interface StoredAudienceCompare extends Stored, Omit<AudienceCompareRow, 'compareId' | 'workspaceId'> {}

/** `_id` is `workspaceId|connectionId|profileId`. */
export interface StoredSyncState extends Stored, Omit<SyncStateRow, 'workspaceId'> {
  /** The rules that would write a field of it that is stopped; absent for none. */
  stoppedBy?: string[];
}

/** `_id` is the quarantineId. */
export interface StoredQuarantine extends Stored, Omit<QuarantineRow, 'quarantineId' | 'workspaceId' | 'raw' | 'original' | 'edits'> {
  /** JSON text. */
  raw: string;
  /** JSON text: any key a customer sends fits. */
  original?: string;
  /** `changes` is JSON text too. */
  edits?: (Omit<QuarantineEdit, 'changes'> & { changes: string })[];
}

/** `_id` is the jobId. */
export interface StoredQuarantineJob extends Stored, Omit<QuarantineJobRow, 'jobId' | 'workspaceId'> {
  holder: string | null;
  until: number;
  fence: number;
}

/** `_id` is the deliveryId. */
export interface StoredDelivery extends Stored, Omit<DeliveryRow, 'deliveryId' | 'workspaceId'> {}

/** `_id` is `workspaceId|connectionId|seq` of the evidence. */
export interface StoredInFlight extends Stored {
  connectionId: string;
  /** How many rows of each minute of creation, so that the balance need not read them. */
  tallies: { minute: number; count: number }[];
  /** When somebody looks after it: its holder may be dead by then. */
  dueAt: number;
  /** JSON text of `DeliveryRow[]`. */
  rows: string;
  /** JSON text: deliveryId → profileId of rows that were given to another since. */
  moved?: string;
}

/** `_id` is `workspaceId|profileId|version`, the version in ten digits, so that one person's changes lie in order. */
export interface StoredChange extends Stored, Omit<ChangeRow, 'workspaceId'> {}

/** The changes of one transaction, for those who follow them. `_id` is the blockId. */
export interface StoredChangeBlock extends Stored {
  /** When the server took it; it orders what has no numbers yet. */
  order: mongo.Timestamp;
  /** Epoch ms. */
  at: number;
  count: number;
  /** JSON text of PersonChange[]; null in the place of one that was erased. */
  content: string;
  /** While it has no numbers. */
  isOpen?: true;
  /** The number of its last change. */
  last?: number;
  expireAt: Date;
}

/** The number that was given last. `_id` is `workspaceId|head`. */
export interface StoredChangeHead extends Stored {
  last: number;
}

/** `_id` is `workspaceId|connectionId|minute|random`: a range of ids is a connection's span of time. */
export interface StoredLedgerEntry extends Stored, LedgerEntry {}

/** `_id` is the runId. Rows of before there were keys and waits lack what these need. */
export interface StoredRun extends Stored, Omit<RunRow, 'runId' | 'workspaceId' | RunParts>, Partial<Pick<RunRow, RunParts>> {
  /** Of one that has ended: a date, for MongoDB deletes the row at that time by itself. */
  expireAt?: Date;
}
type RunParts = 'key' | 'wait' | 'since' | 'end';

/** `_id` is the entryId. */
export interface StoredFlowEntry extends Stored, Omit<FlowEntryRow, 'entryId' | 'workspaceId'> {}

/** `_id` is the contactId. */
export interface StoredContact extends Stored, Omit<ContactRow, 'contactId' | 'workspaceId'> {
  /** A date, for MongoDB deletes the row at that time by itself. */
  expireAt: Date;
}

/** `_id` is `workspaceId|flowId|flowVersion|random`, the version in six digits: a range of ids is a version's. Added up it is `…|hour`. */
export interface StoredStepCount extends Stored, Omit<StepCountRow, 'workspaceId'> {
  /** Epoch ms of the hour's start. */
  hour: number;
  /** Until it is added up. */
  isOpen?: true;
}

/** `_id` is `workspaceId|flowId`. */
export interface StoredSchedule extends Stored, Omit<ScheduleRow, 'workspaceId'> {}

/** `_id` is `workspaceId|connectionId`. */
export interface StoredLane extends Stored, Omit<LaneLease, 'workspaceId' | 'isInherited'> {
  holder: string | null;
  until: number;
  /** Of a polling source: its cursor as JSON text, and when it is polled next. */
  cursor?: string;
  nextAt?: number;
}

/** `_id` is `workspaceId|connectionId|seq`, the seq in twelve digits: a fork of the chain is a duplicate key. */
export interface StoredEvidence extends Stored, Omit<EvidenceBlock, 'workspaceId'> {}

/** What a transaction of a lane has confirmed. `_id` is `workspaceId|time|random`, the time in thirteen digits. */
export interface StoredFreshnessCounts extends Stored, Omit<FreshnessRow, 'workspaceId'> {}

/** `_id` is `workspaceId|every|hour|source|destination`, the hour as `2026-11-24T12`. */
export interface StoredFreshness extends Stored, Pick<FreshnessSum, 'source' | 'destination'> {
  every: FreshnessSpan;
  /** In order of time: the minutes of the hour; of an hour or day it is one. */
  parts: Pick<FreshnessSum, 'at' | 'latency'>[];
  /** A date, for MongoDB deletes the row at that time by itself. */
  expireAt: Date;
}

/** `_id` is `workspaceId|day`. */
export interface StoredBalanceReport extends Stored, Omit<BalanceReportRow, 'workspaceId'> {
  /** A date, for MongoDB deletes the row at that time by itself. */
  expireAt: Date;
}

/** `_id` is `workspaceId|time|random`, the time in thirteen digits: rows lie in the order in which they were applied. */
export interface StoredQualityCounts extends Stored, Omit<QualityCountRow, 'workspaceId'> {}

/** `_id` is `workspaceId|stamp|connectionId|hour`. */
export interface StoredQualityHour extends Stored, Omit<QualityPlace, 'workspaceId'> {
  hour: number;
  buckets: QualityBucket[];
  expireAt: Date;
}

/** `_id` is `workspaceId|set|digest`. */
export interface StoredQualityDigest extends Stored {
  expireAt: Date;
}

/** `_id` is `workspaceId|stamp|connectionId`. */
export interface StoredQualityState extends Stored, Omit<QualityState, 'workspaceId'> {}

/** `_id` is `workspaceId|expectationId|connectionId|hour`. */
export interface StoredQualityResult extends Stored, Omit<QualityResultRow, 'workspaceId'> {
  expireAt: Date;
}

/** `_id` is the alert's. */
export interface StoredQualityAlert extends Stored, Omit<QualityAlertRow, 'workspaceId' | 'alertId'> {
  expireAt: Date;
}

/** `_id` is `workspaceId|segmentId|hour`, the hour as `2026-11-24T12`. */
/** `_id` is the gateId. */
export interface StoredPushGate extends Stored, Omit<PushGateRow, 'gateId' | 'workspaceId'> {}

export interface StoredSegmentSize extends Stored, Omit<SegmentSizeRow, 'workspaceId'> {}

/** `_id` is `workspaceId|shaped or fixed|day|keyed hash of the question`: a number of people with its noise, as it is told all day. */
export interface StoredGroupNumber extends Stored {
  number: number;
  /** A date, for MongoDB deletes the row at that time by itself. */
  expireAt: Date;
}

/** `_id` is `workspaceId|retention`: the sweep of what may be kept no longer, with who is at it. */
export interface StoredRetention extends Stored, Omit<RetentionRow, 'workspaceId'> {
  holder: string | null;
  until: number;
  fence: number;
}

/** `_id` is the exportId. */
export interface StoredPersonExport extends Stored, Omit<PersonExportRow, 'exportId' | 'workspaceId' | 'expiresAt'> {
  /** A date, for MongoDB deletes the row at that time by itself. */
  expireAt: Date;
}

/** A packed part of a file of a person's copy. `_id` is `exportId|fence|format|index`, the fence in six digits and the index in eight. */
export interface StoredPersonExportChunk extends Stored {
  /** As on its row: by it a person's erasure finds it. */
  profileId: string;
  data: mongo.Binary;
  expireAt: Date;
}

/** `_id` is the reconcileId. */
export interface StoredReconcile extends Stored, Omit<ReconcileRow, 'reconcileId' | 'workspaceId'> {
  holder: string | null;
  until: number;
  fence: number;
  /** MongoDB deletes it then. */
  expireAt: Date;
}

/** `_id` is the findingId. */
export interface StoredFinding extends Stored, Omit<FindingRow, 'findingId' | 'workspaceId'> {
  expireAt: Date;
}

/** Who was listed. `_id` is `reconcileId|profileId`; they go when the reconcile ends. */
export interface StoredSeenCopy extends Stored, SeenCopy {
  expireAt: Date;
}
