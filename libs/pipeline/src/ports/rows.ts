import type { CanonicalRecord, ClaimedNotice, ConsentReason, ConsentState, JsonObject, JsonValue, LimitBreach, MembershipState, Profile, RecipientKind, RunEnd, SignalDecision, StepWait } from '@firsthand/domain';

/** One raw record of an acknowledged request, with what the mapping made of it. */
export interface InboxRecord {
  connectionId: string;
  /** Epoch ms. */
  receivedAt: number;
  mappingVersion: number;
  /** True when the credentials prove the brand's own server (secret key, signed webhook, import). */
  isVerified: boolean;
  /** Imports and releases start no flow unless the flow says so. */
  isImport: boolean;
  /** Null for a refused record: what may not come in is not kept. */
  raw: JsonValue;
  record: CanonicalRecord | null;
  /** Why it was refused at the door (`consent-denied`), counted and nothing else. */
  refusal: string | null;
  /** Why the mapping result cannot be used (`INVALID_RECORD`): quarantined by apply. */
  fault: { code: string; places: { path: string; message: string }[]; rule?: string; planVersion?: number } | null;
  /** A thin record: a worker fetches the full ones before it is mapped. */
  needsFetch?: boolean;
  /** What the consent signals that came with it decide, by the connection's table; absent without any. */
  signals?: SignalDecision[];
  /** What it says was shown before a decision; absent without any. */
  notice?: ClaimedNotice;
  /** How it differs from its tracking plan: counts by `kind.action`; absent where it does not. */
  plan?: { version: number; counts: Record<string, number> };
  /** The JSON types that its mapping gave to fields whose types are watched, by path; absent without any. */
  types?: Record<string, string>;
  /** Released from quarantine without leave to start flows: also those that accept what is historical are not started. */
  startsNoFlow?: true;
}

/** The unit of the group commit: what came together for one workspace and partition. */
export interface InboxDocument {
  inboxId: string;
  workspaceId: string;
  partition: number;
  receivedAt: number;
  records: InboxRecord[];
  attempt: number;
  /** Stored as taken already, by a worker of this process. */
  claim?: { token: string; until: number };
}

/** A stored event. Never rewritten: `profileId` is the person as known then, aliases resolve it. */
/** In the place of a profile id, of events that are kept as nobody's. No profile has it: profile ids are random. */
export const NOBODY = 'nobody';

export interface EventRow {
  /** `workspaceId|hash(connection, messageId)`. */
  eventId: string;
  workspaceId: string;
  connectionId: string;
  profileId: string;
  receivedAt: number;
  record: CanonicalRecord;
  /** Kept for its own, short retention. */
  raw: JsonValue;
  mappingVersion: number;
}

/** `data` needs a consent at send; `suppression` is a removal or erasure: it needs none and carries only what the recipient already got. */
export type DeliveryClass = 'data' | 'suppression';
/** `ask` is a send whose answer a run waits for. */
export type DeliveryOperation = 'send' | 'ask' | 'addMembers' | 'removeMembers' | 'erase';
export type DeliveryState = 'pending' | 'delivered' | 'blocked' | 'dead' | 'cancelled';

/** That somebody has asked a recipient themself to remove a person, and was told that it has. */
export interface ConfirmedByHand {
  /** Epoch ms. */
  at: number;
  /** Of the user or API key. */
  by: string;
  /** What they note of it, without personal data. */
  note: string;
}

/** One row of the outbox. It carries ids only; the payload is made at send, from the person as they are then. */
export interface DeliveryRow {
  /** `workspaceId|stable id(flow version, step, run, destination)`: also the idempotency key. */
  deliveryId: string;
  workspaceId: string;
  connectionId: string;
  action: string;
  operation: DeliveryOperation;
  class: DeliveryClass;
  profileId: string;
  /** Order within the person. */
  seq: number;
  purpose: string;
  flowId: string | null;
  flowVersion: number | null;
  stepId: string | null;
  runId: string | null;
  /** The event that caused it, whose data the payload may use. */
  eventId: string | null;
  segmentId: string | null;
  /** For suppression: why (`consent-withdrawn`, `segment-left`, `sync-delete`, `compare`, `erased`). */
  cause: string | null;
  createdAt: number;
  dueAt: number;
  /** Since when it is retried, where that is not its creation: it was replayed, let go at its gate, or put off by quiet hours, which moves it by so long. Epoch ms. */
  retryFrom?: number;
  attempt: number;
  state: DeliveryState;
  reason: string | null;
  /** Where it was not made as soon as what caused it was known: that tells of the past (an import, a release), or its run had waited in its flow. */
  timing?: 'past' | 'waited';
  /** Of a removal that somebody asked for and nobody confirms: what those who answer for it were told last, that it is theirs to ask for, is late, or has ended without being carried out. */
  toldAs?: 'manual' | 'late' | 'ended';
  /** Of a removal that no machine could confirm: who has. */
  byHand?: ConfirmedByHand;
  /** Of a dead one: the request that failed, and its answer, without personal data. */
  exchange?: MaskedExchange;
}

/** A request and its answer as they may be kept and shown: names of fields, a few of the vendor's own header values, and nothing of a person. */
export interface MaskedExchange {
  /** Epoch ms. */
  at: number;
  durationMs: number;
  request: { method: string; origin: string; headers: Record<string, string>; fields: string[] };
  /** Null when none came. */
  response: { status: number; headers: Record<string, string>; fields: string[] } | null;
}

/**
 * Rows that the holder of a lane decided in the transaction that made them, while they are sent: one document for many. Each becomes a row of the
 * outbox when its outcome is written down, or as pending when another takes the lane.
 */
export interface InFlightBlock {
  /** `workspaceId|connectionId|seq`: of the block that holds their evidence. */
  blockId: string;
  workspaceId: string;
  connectionId: string;
  rows: readonly DeliveryRow[];
  /** deliveryId → whose it is by now, of rows that are another's than they say. */
  moved?: Readonly<Record<string, string>>;
}

/** One row per profile version. */
export interface ChangeRow {
  workspaceId: string;
  profileId: string;
  version: number;
  at: number;
  changedFields: string[];
  memberships: { segmentId: string; isMember: boolean }[];
  /** Where it is told to those who follow changes; absent while nobody does. */
  blockId?: string;
}

/** Counts to add for one connection and minute. Rows are only inserted; the balance sums them. */
export interface LedgerEntry {
  connectionId: string;
  /** Epoch ms of the minute's start: of receipt for sources, of creation for deliveries. */
  minute: number;
  /** `received`, `applied`, `anonymous`, `duplicate`, `quarantined`, `refused.<reason>`, `plan.<kind>.<action>` (no part of the balance), …; or `deliveries`, `delivered`, `blocked.<reason>`, `dead.<reason>`, `cancelled.<reason>`. */
  counts: Record<string, number>;
}

export interface MergeRow {
  mergeId: string;
  workspaceId: string;
  winner: string;
  loser: string;
  at: number;
  causeEventId: string | null;
  /** Both as they were: with the events' identity keys, all an undo needs. */
  before: { winner: Profile; loser: Profile };
}

/** An identity that went from one person to another, without a merge: it had only been claimed for the one. */
export interface IdentityMoveRow {
  moveId: string;
  workspaceId: string;
  /** `namespace|value`. */
  identityKey: string;
  from: string;
  to: string;
  at: number;
  /** Null for a decision over REST or the privacy page. */
  causeEventId: string | null;
  /** Who had it, as they were: all that an undo needs. */
  before: Profile;
}

/** How people were before a merge or a move, as the journal keeps it. */
export interface JournalCopy {
  /** Of the merge or move. */
  copyId: string;
  /** Who was merged away, or whom the identity had been given to. */
  loser: string;
  /** Of a move: the identity, or what stands for it. */
  movedKey?: string;
  /** Of a move only whom it went from: the loser, or who they were one with. */
  before: { winner?: Profile; loser: Profile };
}

/** A link between two identities that a limit held back, for a person to decide on. */
export interface IdentityLinkRow {
  /** `workspaceId|stable id(both keys)`: the same link is asked about once. */
  linkId: string;
  workspaceId: string;
  /** `namespace|value`, the stronger one first. */
  keys: [string, string];
  breach: LimitBreach;
  /** The event that named both first, and the source that it came through. */
  causeEventId: string;
  connectionId: string;
  /** Since when it waits, epoch ms. */
  at: number;
  /** When that event happened, epoch ms. Rows of former days are without: they count as of when they came to wait. */
  occurredAt?: number;
  state: 'pending' | 'accepted' | 'rejected';
  /** Of an accepted one that it was taken by the fixed priority of all links, and not by what somebody knows of the two: a stronger one may take its place. */
  isByPriority?: true;
  /** Null while it waits. */
  decidedAt: number | null;
}

/** A run of a flow that waits, or that did so and has ended since. One that never waits leaves no row. */
export interface RunRow {
  /** `workspaceId|stable id(flow version, person, occurrence)`. */
  runId: string;
  workspaceId: string;
  flowId: string;
  flowVersion: number;
  profileId: string;
  eventId: string | null;
  segmentId: string | null;
  /** What tells runs of one person apart for re-entry (a cart, an order); null where the flow has no key. */
  key: string | null;
  /** The index of the step at which it stands. */
  resumeAtStep: number;
  /** What it left at that step; null where it only comes to it. */
  wait: StepWait | null;
  /** When that which brought it to its step happened. */
  since: number;
  startedAt: number;
  /** When time brings it on, `PAUSED_DUE_AT` where its flow was paused by then; null when it has ended. */
  dueAt: number | null;
  /** How it ended, at which step (null: past the last one) and when; null while it waits. */
  end: { as: RunEnd; stepId: string | null; at: number; reason?: string } | null;
  /** JSON text: what its calls were answered, by step id. It may be data of the person, and goes with the row. */
  answers?: string;
}

/** When a person, with this key, last came into a flow that limits re-entry. */
export interface FlowEntryRow {
  /** `workspaceId|stable id(flow, person, key)`. */
  entryId: string;
  workspaceId: string;
  profileId: string;
  at: number;
}

/** A message to a person that was sent, or is planned and not given up: what frequency caps count. */
export interface ContactRow {
  /** The id of the delivery. */
  contactId: string;
  workspaceId: string;
  profileId: string;
  channel: string;
  at: number;
}

/** How many runs came to the steps of a flow version, and left them by which outcome. Rows are only inserted and summed up. */
export interface StepCountRow {
  workspaceId: string;
  flowId: string;
  flowVersion: number;
  /** `entered`, or the reason by which a step was left. */
  counts: { stepId: string; outcome: string; count: number }[];
}

/** Where the schedule of a flow stands. */
export interface ScheduleRow {
  workspaceId: string;
  flowId: string;
  flowVersion: number;
  /** The pattern and time zone that `nextAt` was reckoned by. */
  pattern: string;
  nextAt: number;
  /** The occurrence under way, and the profile id after which it goes on; null between two. */
  running: { at: number; after: string | null } | null;
}

/** What a recipient got of a person: the ground of every later removal. */
export interface DisclosureRow {
  workspaceId: string;
  connectionId: string;
  action: string;
  profileId: string;
  purposes: string[];
  fields: string[];
  /** The identifying payload fields exactly as sent, each distinct set once. */
  identifiers: JsonObject[];
  firstAt: number;
  /** The same by what each was allowed on. Rows of earlier days are without. */
  grounds: DisclosureGround[];
}

/** What a recipient got of a person for one purpose, under one version of an agreement or on another ground. What the recipient is, is as it was then. */
export interface DisclosureGround {
  purpose: string;
  /** Why it was allowed. */
  reason: ConsentReason;
  agreementId: string | null;
  agreementVersion: number | null;
  recipient: RecipientKind;
  country: string | null;
  /** The name of the connection at the last send that was noted. */
  recipientName: string;
  fields: string[];
  firstAt: number;
  /** Of the last send that was noted: one within the hour after it is not, unless it brings anything new. */
  lastAt: number;
}

/** What a recipient has confirmed of a person's memberships by one action. Written ahead of each request as `open`, and with its outcome. */
export interface AudienceMemberRow extends MembershipState {
  workspaceId: string;
  connectionId: string;
  action: string;
}

/** What a compare has found of people so far. */
export interface CompareCounts {
  /** Members that the vendor listed. */
  listed: number;
  /** Looked at. */
  people: number;
  /** Who is wanted and confirmed as they are. */
  confirmed: number;
  /** Who is wanted and not in. */
  missing: number;
  /** Who is in with other data than would be sent now. */
  changed: number;
  /** Of whom it is not known whether they are in. */
  unconfirmed: number;
  /** Who is in, or may be, and not wanted. */
  surplus: number;
  /** Who is wanted, and of whom no payload can be made. */
  unusable: number;
}

/** The last full compare of an audience. It moves on in the transaction that plans what its page lacks. */
export interface AudienceCompareRow {
  /** `workspaceId|connectionId|flowId|stepId`: one at a time. */
  compareId: string;
  workspaceId: string;
  connectionId: string;
  flowId: string;
  stepId: string;
  /** Only counts. */
  isPreview: boolean;
  /** How many deliveries it plans per second, a page at a time; null for as many as it can. */
  perSecond: number | null;
  startedAt: number;
  /** The profile id after which it goes on; null at its beginning. */
  after: string | null;
  /** Whether the vendor lists its members, and is asked first. */
  isListed: boolean;
  /** Where that listing stands; null when it is over. `audiences` are the vendor's lists that are left, null before they are known. */
  listing: { audiences: JsonObject[] | null; cursor: string | null; failures: number } | null;
  counts: CompareCounts;
  /** When a worker goes on with it; null when it has ended. */
  dueAt: number | null;
  /** When it ended, and how: `done`, `gone` where the flow is live no more, `listing-failed`; null while it goes on. */
  end: { at: number; as: 'done' | 'gone' | 'listing-failed' } | null;
}

/**
 * Written ahead of the request: of which connection and when it was decided stands on its block, when it was sent in the {@link OutcomeItem}. `payloadDigest` is an HMAC under
 * the person's salt. Items of earlier days are without what is optional here.
 */
export interface EvidenceItem {
  deliveryId: string;
  attempt: number;
  subjectKey: string;
  /** The destination's: of its connection. */
  action?: string;
  purpose: string;
  fields: string[];
  payloadDigest: string;
  isAllowed: boolean;
  reason: string;
  recordId: string | null;
  /** Of the deciding record's seal; null where no record decides, or the record was folded in before there were seals. */
  recordVersion?: number | null;
  recordHash?: string | null;
  agreementId: string | null;
  agreementVersion: number | null;
  idempotencyKey: string;
}

/** The outcome of an attempt, appended after it. */
export interface OutcomeItem {
  deliveryId: string;
  attempt: number;
  sentAt: number;
  settledAt: number;
  /** `stalled`: its process died with it; whether it arrived nobody knows. */
  outcome: 'delivered' | 'retry' | 'dead' | 'not-sent' | 'stalled';
  reason: string | null;
}

/** One document per tick of a lane, or per step of another chain: unique by (chain, seq), so that a fork is a duplicate key. */
export interface EvidenceBlock {
  workspaceId: string;
  connectionId: string;
  seq: number;
  previousHash: string;
  hash: string;
  evaluatedAt: number;
  /** JSON text of {@link BlockContent}: stored, and hashed, as it is. */
  content: string;
  /** The deliveries that are in it; in the chain of consents the records. */
  deliveryIds: string[];
}

/** A consent record in a block of the chain of consents. */
export interface ConsentProof {
  recordId: string;
  hash: string;
}

/** What a block proves. */
export interface BlockContent {
  evidence: EvidenceItem[];
  outcomes: OutcomeItem[];
}

/** What is known of a destination, stored with its lane: whoever takes it goes on from there. Times are epoch ms. */
export interface LaneHealth {
  /** Since when nothing has been delivered, by requests that were made; null when the last one was. */
  failingSince: number | null;
  /** How many deliveries have failed since. */
  failures: number;
  /** The destination asked to wait until then. */
  pausedUntil: number | null;
  /** Null while the breaker is closed. */
  breaker: { openUntil: number; openings: number } | null;
}

/** A lane's lease and the head of its evidence chain. */
export interface LaneLease {
  workspaceId: string;
  connectionId: string;
  /** Grows with each takeover; every write of the lane checks it. */
  fence: number;
  chainSeq: number;
  chainHash: string;
  health?: LaneHealth;
  /** Its former holder died with it, or lost it: what it had in flight is unknown. */
  isInherited?: boolean;
}

export interface ConsentStateRow {
  profileId: string;
  state: ConsentState;
}
