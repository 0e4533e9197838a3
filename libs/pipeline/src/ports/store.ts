import type { CallResult, ConsentRecord, ConsentState, Identity, JoinFact, JsonObject, JsonValue, MoveFact, Profile } from '@firsthand/domain';
import type { ConfirmationRow } from '../consent/confirmation.js';
import type { ErasedPerson, ErasureRow } from '../erasure/erasure.js';
import type { Lane } from './doorbell.js';
import type { OpenChangeBlock } from '../changes/change-log.js';
import type { ChangeBlock } from '../changes/person-change.js';
import type { QuarantineJobs, QuarantineTransaction } from '../quarantine/quarantine-store.js';
import type { MatchState, MatchSuggestionRow } from '../matching/match-rows.js';
import type { FreshnessRow } from '../freshness/freshness-counts.js';
import type { PrivacyRequestRow } from './privacy-requests.js';
import type { QualityCountRow } from '../quality/quality-rows.js';
import type {
  AudienceCompareRow, AudienceMemberRow, ChangeRow, ConsentProof, ContactRow, DeliveryRow, DisclosureRow, EventRow, EvidenceBlock, FlowEntryRow, IdentityLinkRow, IdentityMoveRow, InboxDocument, InFlightBlock, JournalCopy, LaneHealth, LaneLease, LedgerEntry, MergeRow,
  RunRow, ScheduleRow, StepCountRow,
} from './rows.js';
import type { QuarantineRow } from './quarantine-row.js';
import type { PushGateRow, PushPlace } from '../push-gate/push-gate-row.js';
import type { SyncStateRow, SyncStates } from './sync-states.js';

/** Thrown by the store inside a transaction when a claim or lease was lost to another worker: the work is theirs now. */
export class FenceLost extends Error {
  override name = 'FenceLost';
}

/** Inbox documents that one worker has taken, under the token of its lease. */
export interface InboxClaim {
  token: string;
  inboxIds: readonly string[];
}

/** The inbox: the truth of what was acknowledged. */
export interface InboxStore {
  /** Majority, journaled. Resolves only when every document is durable. Throws FirsthandError UNAVAILABLE otherwise, within 5 s. */
  append(documents: readonly InboxDocument[]): Promise<void>;
  /** Takes due, unclaimed documents, oldest first, up to `maxRecords` records (at least one document), under a lease with a fresh token. */
  claim(options: { now: number; leaseMs: number; maxRecords: number; workspaceId?: string; partition?: number }): Promise<{ token: string; documents: InboxDocument[] }>;
  /** Prolongs a claim. Throws FenceLost when it is not ours any more. */
  extend(token: string, inboxIds: readonly string[], until: number): Promise<void>;
  /** Gives documents back, due again at `dueAt`, with the attempt counted. */
  release(token: string, inboxIds: readonly string[], dueAt: number): Promise<void>;
  /** Whether any document is due and unclaimed. */
  hasDue(now: number): Promise<boolean>;
}

/** Stored key of a place (`purpose|scope`, or `all` for every one of them) → epoch ms. */
export type AgreedAt = Readonly<Record<string, number>>;

/** All that one apply, consent change or lane tick reads and writes; everything commits together or not at all. */
export interface StoreTransaction extends QuarantineTransaction {
  findEventIds(eventIds: readonly string[]): Promise<Set<string>>;
  findEvents(eventIds: readonly string[]): Promise<Map<string, EventRow>>;
  /** The latest events of these people and names (`*` any) that happened after a time, 1,000 at most. */
  findEventsAfter(workspaceId: string, profileIds: readonly string[], names: readonly string[], after: number): Promise<EventRow[]>;
  insertEvents(events: readonly EventRow[]): Promise<void>;
  /** The events of a profile that name one of these identities, each with all that it names and the connection that it came by. */
  findEventsNaming(workspaceId: string, profileId: string, identities: readonly Identity[]): Promise<{ eventId: string; connectionId: string; identities: Identity[] }[]>;
  /** Gives events to another profile. */
  moveEvents(eventIds: readonly string[], profileId: string): Promise<void>;
  /** identityKey → the profile it was given to, which may have been merged away since: {@link findProfiles} knows. */
  findIdentities(workspaceId: string, identityKeys: readonly string[]): Promise<Map<string, string>>;
  insertIdentities(workspaceId: string, identities: ReadonlyMap<string, string>, at: number): Promise<void>;
  /** Gives stored identities to other profiles, and keeps the journal of it. */
  moveIdentities(moves: readonly IdentityMoveRow[]): Promise<void>;
  /** Of identities that were somebody else's first, who of all others is known by them and came first: key → profile. What nobody else is known by is left out. */
  findSharers(workspaceId: string, identityKeys: readonly string[], exceptIds: readonly string[]): Promise<Map<string, string>>;
  /** Who is known by identities that were somebody else's first: key → profiles, in no order, `limit` at most of each. What nobody else is known by is left out. */
  findAllSharers(workspaceId: string, identityKeys: readonly string[], limit: number): Promise<Map<string, string[]>>;
  /** Marks the row of an identity, whatever their number: whoever else is known by it is to be folded anew from the ledger, for what was refused there is theirs too. Whoever writes the row at the same moment runs again. Throws INTERNAL where there is no row. */
  markShared(workspaceId: string, identityKey: string, at: number): Promise<void>;
  /** Those of identities that are marked. */
  findMarked(workspaceId: string, identityKeys: readonly string[]): Promise<Set<string>>;
  /** Marks the next `limit` of those who are known by a marked identity, as due now; after the last of them the identity is marked no more, unless it was marked again on the way: then it begins with the first. */
  handOnMark(workspaceId: string, identityKey: string, limit: number, now: number): Promise<void>;
  /** identityKey → place → until when somebody who is known by it as well has agreed at the latest, epoch ms. Rows that say nothing are left out. */
  findAgreed(workspaceId: string, identityKeys: readonly string[]): Promise<Map<string, AgreedAt>>;
  /** Notes on the rows of identities what somebody who is known by them has agreed to; what is later there stays. */
  noteAgreed(workspaceId: string, agreed: ReadonlyMap<string, AgreedAt>): Promise<void>;
  /** Writes the rows of identities that several people are known by: whoever does so at the same moment runs again and sees the other. @param owners key → whose it is from now on; null leaves it with whom it is */
  shareIdentities(workspaceId: string, owners: ReadonlyMap<string, string | null>): Promise<void>;
  /** Links that a limit held back, by their ids; what is not there is left out. */
  findIdentityLinks(linkIds: readonly string[]): Promise<Map<string, IdentityLinkRow>>;
  /** Links that a limit held back and that any of these identities is an end of, whatever was decided of them: `limit` at most, in no order. */
  findIdentityLinksOf(workspaceId: string, identityKeys: readonly string[], limit: number): Promise<IdentityLinkRow[]>;
  /** Inserts or replaces links that were looked for in this transaction. */
  writeIdentityLinks(rows: readonly IdentityLinkRow[]): Promise<void>;
  /** A suggestion that two profiles are one person's. */
  findMatch(suggestionId: string): Promise<MatchSuggestionRow | undefined>;
  /** Inserts or replaces a suggestion that was looked for in this transaction. */
  writeMatch(row: MatchSuggestionRow): Promise<void>;
  /** Outdates the suggestions about these profiles that are in one of these states; `wasUndone` where a merge of theirs was taken back. */
  outdateMatches(workspaceId: string, profileIds: readonly string[], by: { states: readonly MatchState[]; at: number; wasUndone?: true }): Promise<void>;
  /** Points the loser, and all that pointed to it, at the winner. */
  insertMerges(merges: readonly MergeRow[]): Promise<void>;
  /** The merge by which a profile was merged away, while it stands. */
  findMerge(workspaceId: string, loser: string): Promise<MergeRow | undefined>;
  /** Ends a merge: its loser, and who was merged into them before, are no aliases of the winner any more. */
  undoMerge(merge: MergeRow, at: number): Promise<void>;
  /** Profiles by the ids asked for; an id that was merged away gives the profile at its root. */
  findProfiles(workspaceId: string, profileIds: readonly string[]): Promise<Map<string, Profile>>;
  /** The next people on a static list by profile id. */
  findListed(workspaceId: string, segmentId: string, after: string | null, limit: number): Promise<string[]>;
  /** Inserts new and replaces existing profiles; `dueAt` is the next time-driven segment change (null none). Losers of merges are deleted. */
  writeProfiles(writes: { inserted: readonly ProfileWrite[]; updated: readonly ProfileWrite[]; deleted: readonly { workspaceId: string; profileId: string }[] }): Promise<void>;
  findConsentStates(workspaceId: string, profileIds: readonly string[]): Promise<Map<string, ConsentState>>;
  /** The merges and moved claims that any of these profiles was part of, also those that were taken back. */
  findJournal(workspaceId: string, profileIds: readonly string[]): Promise<{ joins: JoinFact[]; moves: MoveFact[] }>;
  /** identityKey → profile, of all identities that were given to these profiles. */
  findIdentitiesOf(workspaceId: string, profileIds: readonly string[]): Promise<Map<string, string>>;
  /** All records of these identities: what a state is folded from. */
  findConsentRecords(workspaceId: string, identityKeys: readonly string[]): Promise<ConsentRecord[]>;
  /** Records by their ids; of who was erased without an identity. What is not there is left out. */
  findConsentRecordsById(workspaceId: string, recordIds: readonly string[]): Promise<ConsentRecord[]>;
  /** Appends to the ledger. Those with a seal wait for the chain of consents: {@link takeUnsealed}. */
  insertConsentRecords(records: readonly ConsentRecord[]): Promise<void>;
  /** Takes records that no block of the chain of consents holds yet, those of some transactions; none when none is left. */
  takeUnsealed(workspaceId: string): Promise<ConsentProof[]>;
  /** What contacts are asked to confirm, by the id of the row. */
  findConfirmations(confirmationIds: readonly string[]): Promise<Map<string, ConfirmationRow>>;
  /** Inserts or replaces rows that were read in this transaction. */
  writeConfirmations(rows: readonly ConfirmationRow[]): Promise<void>;
  /** profileId → salt, of those that have one. */
  findSalts(workspaceId: string, profileIds: readonly string[]): Promise<Map<string, string>>;
  insertSalts(workspaceId: string, salts: ReadonlyMap<string, string>): Promise<void>;
  writeConsentStates(workspaceId: string, states: ReadonlyMap<string, ConsentState>): Promise<void>;
  /** HMACs of erased identities → whether a tombstone stands. */
  findTombstones(workspaceId: string, digests: readonly string[]): Promise<Set<string>>;
  /** Those that stand already stay. */
  insertTombstones(workspaceId: string, digests: readonly string[], keyId: string, at: number): Promise<void>;
  /** Sets tombstones of what came along with an identity of which one stands, under one of these digests: they are lifted with it. */
  widenTombstone(workspaceId: string, digests: readonly string[], along: readonly string[], at: number): Promise<void>;
  /** The keys of all identities that were given to these profiles. */
  findIdentityKeys(workspaceId: string, profileIds: readonly string[]): Promise<string[]>;
  /** Takes profiles out of every look-up, with their identities, aliases, states and runs, and links that would give somebody one of these identities. Gives collection → how many rows went. */
  removePeople(workspaceId: string, profileIds: readonly string[], identityKeys?: readonly string[]): Promise<Record<string, number>>;
  /** Names in no profile any more identities that it disowns: each stands there by its mask. Gives the ids of these people, with those merged into them. @param masks identity key → what stands for it */
  maskDisowned(workspaceId: string, masks: ReadonlyMap<string, string>): Promise<string[]>;
  /** How people were before merges and moves that any of these profiles was part of. */
  findCopies(workspaceId: string, profileIds: readonly string[]): Promise<JournalCopy[]>;
  /** Replaces copies that were read in this transaction. */
  writeCopies(workspaceId: string, copies: readonly JournalCopy[]): Promise<void>;
  /** Leaves identities out of what these people have asked for in detail. */
  stripAsked(workspaceId: string, profileIds: readonly string[], identityKeys: readonly string[]): Promise<void>;
  /** Ends copies of these people's data that are being made or are not fetched yet, with their files: they hold what is another's. They can be asked for again. */
  endPersonExports(workspaceId: string, profileIds: readonly string[]): Promise<void>;
  findErasure(erasureId: string): Promise<ErasureRow | undefined>;
  insertErasure(row: ErasureRow): Promise<void>;
  /** What is left of erased profiles of whom recipients are still told, by any id of theirs. */
  findErased(workspaceId: string, profileIds: readonly string[]): Promise<ErasedPerson[]>;
  findDisclosures(workspaceId: string, profileIds: readonly string[], connectionId?: string): Promise<DisclosureRow[]>;
  /** Adds purposes, fields, identifier sets and grounds to the row of (connection, action, profile). */
  addDisclosures(rows: readonly DisclosureRow[]): Promise<void>;
  /** Writes what is noted of each (connection, action, profile), or that nothing is, and leaves it as it is: whoever notes anything there at this moment runs again, or this does. */
  meetDisclosures(places: readonly Pick<DisclosureRow, 'workspaceId' | 'connectionId' | 'action' | 'profileId'>[]): Promise<void>;
  /** Takes sets of identifiers out of what is noted of (connection, action, profile): they were found to be another's. */
  removeDisclosed(row: Pick<DisclosureRow, 'workspaceId' | 'connectionId' | 'action' | 'profileId'>, identifiers: readonly JsonObject[]): Promise<void>;
  insertQuarantine(rows: readonly QuarantineRow[]): Promise<void>;
  /** Those that are stored already stay as they are: whoever works on one must not find it pending again. */
  insertPrivacyRequests(rows: readonly PrivacyRequestRow[]): Promise<void>;
  /** Gives requests that were opened for any of these profiles, and name a person by these identities alone, to another profile. */
  movePrivacyRequests(workspaceId: string, move: { from: readonly string[]; to: string; identities: readonly Identity[] }): Promise<void>;
  insertDeliveries(rows: readonly DeliveryRow[]): Promise<void>;
  /** Keeps rows that are sent as soon as this commits. */
  insertInFlight(block: InFlightBlock): Promise<void>;
  /** Leaves these rows of each block in flight; a block without any is gone. Gives of rows of these blocks that were given to another meanwhile whose they are: deliveryId → profileId. Throws FenceLost when one was recovered meanwhile. */
  keepInFlight(blocks: readonly InFlightBlock[]): Promise<ReadonlyMap<string, string>>;
  /** Makes pending rows of what a former holder of the lane left in flight, and gives how many. Whether they arrived nobody knows: they are decided and sent again. */
  recoverInFlight(lane: Lane): Promise<number>;
  /** Sets state, reason, attempt and dueAt of deliveries, and the operation or the person where they are given. */
  updateDeliveries(updates: readonly DeliveryUpdate[]): Promise<void>;
  /** Rows of the outbox by their ids; what is not there is left out. */
  findDeliveries(deliveryIds: readonly string[]): Promise<DeliveryRow[]>;
  /** The lane's blocks of evidence within so many ms of its last one, in their order. */
  findLastEvidence(lane: Lane, withinMs: number): Promise<EvidenceBlock[]>;
  /** The blocks that any of these deliveries is in. */
  findEvidenceOf(workspaceId: string, deliveryIds: readonly string[]): Promise<EvidenceBlock[]>;
  /** What recipients have confirmed of these people's memberships; of one connection where it is given. */
  findAudienceMembers(workspaceId: string, profileIds: readonly string[], connectionId?: string): Promise<AudienceMemberRow[]>;
  /** Those of one action of whom a set has one of these keys. */
  findAudienceMembersByKey(place: AudiencePlace, keys: readonly string[]): Promise<AudienceMemberRow[]>;
  /** The different values that these identifiers have in what was sent by one action. */
  findAudienceNames(place: AudiencePlace, names: readonly string[]): Promise<JsonObject[]>;
  /** Inserts or replaces rows that were read in this transaction. */
  writeAudienceMembers(rows: readonly AudienceMemberRow[]): Promise<void>;
  /** Has one of two transactions run again of which the other writes one of these rows at this moment; leaves them as they are. */
  meetAudienceMembers(rows: readonly AudienceMemberRow[]): Promise<void>;
  /** What is known of these people's copies at the systems that these connections write to. */
  findSyncStates(workspaceId: string, profileIds: readonly string[], connectionIds: readonly string[]): Promise<SyncStateRow[]>;
  /** Inserts or replaces rows that were read in this transaction. */
  writeSyncStates(rows: readonly SyncStateRow[]): Promise<void>;
  /** Gives rows that events of a profile caused, in whatever state and in flight too, to another, with what frequency caps count of them. */
  moveDeliveries(workspaceId: string, move: { from: string; to: string; eventIds: readonly string[] }): Promise<void>;
  /** The last compare of an audience. */
  findCompare(compareId: string): Promise<AudienceCompareRow | undefined>;
  writeCompare(row: AudienceCompareRow): Promise<void>;
  /** The pending rows that are to put these people into audiences over these segments; in no order. */
  findPendingAdditions(workspaceId: string, profileIds: readonly string[], segmentIds: readonly string[]): Promise<DeliveryRow[]>;
  /** The pending rows of these people that take them out, whatever for, at all destinations. */
  findPendingRemovals(workspaceId: string, profileIds: readonly string[]): Promise<DeliveryRow[]>;
  /** The rows by which recipients are, or were, told to erase these people, in whatever state; without those after which the recipient was given something of them again, or of others where that is said. */
  findErases(workspaceId: string, profileIds: readonly string[], givenTo?: readonly string[]): Promise<DeliveryRow[]>;
  /** The pending rows of class `data` of these people, at all destinations or at one. */
  findPendingData(workspaceId: string, profileIds: readonly string[], connectionId?: string): Promise<DeliveryRow[]>;
  /** Gates between segments and destinations by their ids; what is not there is left out. */
  findPushGates(gateIds: readonly string[]): Promise<Map<string, PushGateRow>>;
  /** Inserts or replaces gates that were read in this transaction, each as its next version. */
  writePushGates(rows: readonly PushGateRow[]): Promise<void>;
  /** Rows that wait at a gate, the oldest first; those that were made up to a time where it is given. */
  findHeldDeliveries(place: PushPlace, page: { createdUpTo: number | null; limit: number }): Promise<DeliveryRow[]>;
  /** How many rows of a class are pending over a segment, without those that wait at its gate or were let go; counts to `limit` at most. */
  countPendingChanges(place: PushPlace, kind: DeliveryRow['class'], limit: number): Promise<number>;
  /** Those of these profiles of whom rows wait at a gate. */
  findHeldPeople(place: PushPlace, profileIds: readonly string[]): Promise<string[]>;
  insertChanges(rows: readonly ChangeRow[]): Promise<void>;
  /** Keeps changes for those who follow them, without numbers yet. */
  insertChangeBlock(block: ChangeBlock): Promise<void>;
  /** Blocks without numbers, in the order in which the database took them. */
  findOpenChanges(workspaceId: string, limit: number): Promise<OpenChangeBlock[]>;
  /** Gives these blocks the next numbers, in the order given. */
  numberChanges(workspaceId: string, blocks: readonly OpenChangeBlock[]): Promise<void>;
  insertLedger(workspaceId: string, entries: readonly LedgerEntry[]): Promise<void>;
  /** Keeps how soon changes were written, to be added up later. */
  insertFreshness(row: FreshnessRow, at: number): Promise<void>;
  /** Keeps what the batch says of the workspace's expectations, to be added up later. */
  insertQualityCounts(row: QualityCountRow): Promise<void>;
  insertRuns(rows: readonly RunRow[]): Promise<void>;
  /** Deletes those of the runs that are due, and gives them: another process may have taken or moved them since they were found. */
  takeRuns(runIds: readonly string[], now: number): Promise<RunRow[]>;
  /** The runs of these people that wait. */
  findWaitingRuns(workspaceId: string, profileIds: readonly string[]): Promise<RunRow[]>;
  /** Runs by their ids, waiting or ended; what is not there is left out. */
  findRuns(runIds: readonly string[]): Promise<RunRow[]>;
  /** Leaves what came of a call with the run that waits for it, and makes it due. A run that waits for another thing, or has this already, stays as it is. */
  answerRuns(answers: readonly { workspaceId: string; runId: string; deliveryId: string; result: CallResult }[], now: number): Promise<void>;
  /** Writes runs that were read in this transaction. */
  replaceRuns(rows: readonly RunRow[]): Promise<void>;
  /** entryId → when the person last came in. */
  findFlowEntries(entryIds: readonly string[]): Promise<Map<string, number>>;
  writeFlowEntries(rows: readonly FlowEntryRow[]): Promise<void>;
  /** Messages to these people since then, sent or planned. */
  findContacts(workspaceId: string, profileIds: readonly string[], since: number): Promise<ContactRow[]>;
  insertContacts(rows: readonly ContactRow[]): Promise<void>;
  /** Takes back the counts of messages that were not sent; ids that are not there are left out. */
  deleteContacts(contactIds: readonly string[]): Promise<void>;
  insertStepCounts(rows: readonly StepCountRow[], at: number): Promise<void>;
  /** Adds up rows of before an hour, per flow version and hour, `limit` at most. Gives how many. */
  compactStepCounts(workspaceId: string, before: number, limit: number): Promise<number>;
  /** The schedules of a workspace's flows. */
  findSchedules(workspaceId: string): Promise<ScheduleRow[]>;
  writeSchedule(row: ScheduleRow): Promise<void>;
  deleteSchedules(workspaceId: string, flowIds: readonly string[]): Promise<void>;
  /** The next people by profile id. */
  findProfileIds(workspaceId: string, after: string | null, limit: number): Promise<string[]>;
  /** Deletes claimed inbox documents. Throws FenceLost unless every one is still ours. */
  finishInbox(claims: readonly InboxClaim[]): Promise<void>;
  /** profileId → how many rows are pending on the lane; who has none is left out. */
  countPending(lane: Lane, profileIds: readonly string[]): Promise<Map<string, number>>;
  /** profileId → when the last of the rows falls due that wait for another try at the lane; who has none is left out. What waits for anything else holds up nothing. */
  findWaitingPeople(lane: Lane, profileIds: readonly string[], now: number): Promise<Map<string, number>>;
  /** Takes the lane within the transaction, as {@link LaneStore.acquireLane} does outside of one. Null when another holds it. */
  takeLane(lane: Lane, holder: string, until: number, now: number): Promise<LaneLease | null>;
  /** Moves the chain head on and proves the lease; stores what is known of the destination where it is given, and prolongs the lease to `until`. Throws FenceLost unless the fence is still ours. */
  advanceLane(lease: LaneLease, head: { seq: number; hash: string; health?: LaneHealth; until?: number }): Promise<void>;
  insertEvidence(block: EvidenceBlock): Promise<void>;
}

/** One action of a connection. */
export type AudiencePlace = Pick<AudienceMemberRow, 'workspaceId' | 'connectionId' | 'action'>;

/** What changes of a delivery. */
export type DeliveryUpdate = Pick<DeliveryRow, 'deliveryId' | 'state' | 'reason' | 'attempt' | 'dueAt'> & Partial<Pick<DeliveryRow, 'operation' | 'exchange' | 'retryFrom' | 'profileId'>>;

export interface ProfileWrite {
  profile: Profile;
  dueAt: number | null;
}

/** A flow of which something waits because it was paused. */
export type PausedFlow = Pick<RunRow, 'workspaceId' | 'flowId'>;

/** Lanes, due rows and leases outside a transaction. */
export interface LaneStore extends QuarantineJobs {
  /** Takes the lane unless another holds it; grows the fence. Null when held. */
  acquireLane(lane: Lane, holder: string, until: number, now: number): Promise<LaneLease | null>;
  extendLane(lease: LaneLease, until: number): Promise<void>;
  releaseLane(lease: LaneLease): Promise<void>;
  /** Whether a former holder left rows in flight: {@link StoreTransaction.recoverInFlight} takes them up. */
  hasInFlight(lane: Lane): Promise<boolean>;
  /** Where a polling source stands (its connection is a lane too), and when it is polled next; null before the first page. */
  readCursor(lease: LaneLease): Promise<{ cursor: JsonValue | undefined; nextAt: number } | null>;
  /** Throws FenceLost when the lane was taken over. */
  writeCursor(lease: LaneLease, position: { cursor: JsonValue | undefined; nextAt: number }): Promise<void>;
  /**
   * Pending rows of the lane that are due, by (createdAt, seq), without the excluded people and without everybody who has a row that waits for another
   * try: a person's rows go out in their order. Before them all come those that take something back, which wait for nobody; `takeBacksOnly` leaves out the others.
   */
  findDueDeliveries(lane: Lane, now: number, limit: number, excludeProfileIds: readonly string[], takeBacksOnly?: boolean): Promise<DeliveryRow[]>;
  /** Whether a row that takes something back is due on the lane. */
  hasDueTakeBacks(lane: Lane, now: number): Promise<boolean>;
  /**
   * The pending sends, by these actions, of people of whom one waits for another try; waiting rows are looked at by due time from `after` on, some at a time.
   * `next` is where to go on, 0 at the end.
   */
  findBehindWaiting(lane: Lane, look: { now: number; after: number; actions: readonly string[] }): Promise<{ rows: DeliveryRow[]; next: number }>;
  /** The first pending rows of the lane that are due, were not tried and were made at `after` or later, oldest first. */
  findFresh(lane: Lane, look: { now: number; after: number; limit: number }): Promise<DeliveryRow[]>;
  /** Pending rows of the lane that take nothing back, due or not. */
  findWaitingData(lane: Lane, limit: number): Promise<DeliveryRow[]>;
  /** Lanes that have a due row, or rows that have been in flight for longer than a lease. */
  findDueLanes(now: number): Promise<Lane[]>;
  findDueProfiles(now: number, limit: number): Promise<{ workspaceId: string; profileId: string }[]>;
  /** Identities that are marked, of all workspaces, what was marked or handed on the longest ago first. */
  findMarks(limit: number): Promise<{ workspaceId: string; identityKey: string }[]>;
  /** Compares that go on, the longest due first: those at the vendor's list, or those past it. */
  findDueCompares(now: number, limit: number, at: 'listing' | 'people'): Promise<AudienceCompareRow[]>;
  findDueRuns(now: number, limit: number): Promise<RunRow[]>;
  /** Flows of which a run or a delivery waits because they were paused. */
  findPausedFlows(): Promise<PausedFlow[]>;
  /** Makes what waits of a flow because it was paused due now: runs, and deliveries from the oldest on, `limit` of each at most. */
  resumeFlow(flow: PausedFlow, now: number, limit: number): Promise<void>;
  /** Contacts that are to be asked, the longest due first. */
  findDueConfirmations(now: number, limit: number): Promise<ConfirmationRow[]>;
  /** How many contacts a source has last asked to whom a message went since then. */
  countConfirmations(source: { workspaceId: string; connectionId: string }, since: number): Promise<number>;
  /** Workspaces that have consent records which no block of their chain holds. */
  findUnsealedWorkspaces(): Promise<string[]>;
  /** Whether a workspace has changes without numbers. */
  hasOpenChanges(workspaceId: string): Promise<boolean>;
  /** The schedules of all workspaces' flows: one row per flow that runs by the calendar. */
  listSchedules(): Promise<ScheduleRow[]>;
}

/** The MongoDB side of the pipeline. The function of a transaction may run more than once: it must be pure but for the transaction. */
export interface Store extends LaneStore {
  inbox: InboxStore;
  syncs: SyncStates;
  /** Majority, snapshot. Runs the function again on a write conflict (112) and on a duplicate key (11000), at most `attempts` times. */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** Reads of one moment, of what is safe on a majority by then, all that was acknowledged included. It waits for nobody's write, as the end of a transaction does. */
  snapshot<T>(work: (reads: StoreReads) => Promise<T>): Promise<T>;
}

/** What is read of people where nothing is written. */
export type StoreReads = Pick<StoreTransaction, 'findIdentities' | 'findMarked' | 'findProfiles' | 'findIdentityLinksOf' | 'findConsentStates' | 'countPending' | 'findJournal' | 'findIdentitiesOf' | 'findConsentRecords'>;
