import type { ConsentRecord, ConsentState, HoldCategory, JsonObject, LegalHold } from '@firsthand/domain';
import type {
  AgreedAt, AudienceCompareRow, AudienceMemberRow, ChangeBlock, ChangeRow, ConfirmationRow, ConsentProof, ContactRow, DeliveryRow, DisclosureRow, ErasureRow, EventRow, EvidenceBlock, FlowEntryRow, FreshnessRow, IdentityLinkRow, IdentityMoveRow, InboxDocument, InFlightBlock, Lane, LaneHealth, LedgerEntry, MatchSuggestionRow, MergeRow, PrivacyRequestRow,
  ProfileWrite, QualityCountRow, PushGateRow, QuarantineJobRow, QuarantineRow, RunRow, ScheduleRow, StepCountRow, SyncStateRow,
} from '@firsthand/pipeline';
import { MemoryTable } from './memory-tables.js';

/** An inbox document with its claim. */
export interface InboxRow {
  document: InboxDocument;
  isImport: boolean;
  dueAt: number;
  claim: string | null;
  claimedUntil: number;
}

/** A lane with its lease and the head of its chain. */
export interface LaneRow extends Lane {
  fence: number;
  chainSeq: number;
  chainHash: string;
  holder: string | null;
  until: number;
  health?: LaneHealth;
  /** JSON text. */
  cursor?: string;
  nextAt?: number;
}

/** An erasure with who is at it. */
export interface StoredErasure extends ErasureRow {
  holder: string | null;
  until: number;
  fence: number;
}

/** A job on quarantined records with who is at it. */
export interface StoredQuarantineJob {
  job: QuarantineJobRow;
  holder: string | null;
  until: number;
  fence: number;
}

/** What a store holds, each by the key that it has in MongoDB. */
export function createTables() {
  return {
    inbox: new MemoryTable<InboxRow>(),
    events: new MemoryTable<EventRow>(),
    quarantine: new MemoryTable<QuarantineRow>(),
    qualityCounts: new MemoryTable<QualityCountRow>(),
    quarantineJobs: new MemoryTable<StoredQuarantineJob>(),
    identities: new MemoryTable<{ workspaceId: string; key: string; profileId: string; mark?: { at: number; after?: { createdAt: number; profileId: string }; isAgain?: true }; agreedAt?: AgreedAt }>(),
    aliases: new MemoryTable<{ workspaceId: string; profileId: string; to: string }>(),
    merges: new MemoryTable<(MergeRow & { undoneAt?: number }) | IdentityMoveRow>(),
    identityLinks: new MemoryTable<IdentityLinkRow>(),
    matchSuggestions: new MemoryTable<MatchSuggestionRow>(),
    profiles: new MemoryTable<ProfileWrite>(),
    consents: new MemoryTable<ConsentRecord>(),
    unsealedConsents: new MemoryTable<{ workspaceId: string; proofs: ConsentProof[] }>(),
    consentStates: new MemoryTable<{ profileId: string; state: ConsentState }>(),
    salts: new MemoryTable<string>(),
    confirmations: new MemoryTable<ConfirmationRow>(),
    tombstones: new MemoryTable<string>(),
    erasures: new MemoryTable<StoredErasure>(),
    heldData: new MemoryTable<{ workspaceId: string; erasureId: string; category: HoldCategory; heldAt: number; record: JsonObject }>(),
    legalHolds: new MemoryTable<LegalHold & { workspaceId: string }>(),
    privacyRequests: new MemoryTable<PrivacyRequestRow>(),
    disclosures: new MemoryTable<DisclosureRow>(),
    audienceMembers: new MemoryTable<AudienceMemberRow>(),
    audienceCompares: new MemoryTable<AudienceCompareRow>(),
    syncStates: new MemoryTable<SyncStateRow>(),
    pushGates: new MemoryTable<PushGateRow>(),
    deliveries: new MemoryTable<DeliveryRow>(),
    inFlight: new MemoryTable<InFlightBlock>(),
    changes: new MemoryTable<ChangeRow>(),
    changeBlocks: new MemoryTable<ChangeBlock & { order: number; isOpen: boolean; last: number | null }>(),
    changeHeads: new MemoryTable<number>(),
    ledger: new MemoryTable<LedgerEntry & { workspaceId: string }>(),
    freshnessCounts: new MemoryTable<FreshnessRow>(),
    runs: new MemoryTable<RunRow>(),
    flowEntries: new MemoryTable<FlowEntryRow>(),
    contacts: new MemoryTable<ContactRow>(),
    stepCounts: new MemoryTable<StepCountRow & { hour: number; isOpen: boolean }>(),
    schedules: new MemoryTable<ScheduleRow>(),
    lanes: new MemoryTable<LaneRow>(),
    evidence: new MemoryTable<EvidenceBlock>(),
  };
}

export type Tables = ReturnType<typeof createTables>;

/** An erasure as the pipeline has it. */
export function toErasure({ holder: _holder, until: _until, fence: _fence, ...row }: StoredErasure): ErasureRow {
  return row;
}

/** The key of a row: the workspace first, as in MongoDB. */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join('|');
}

/** Rows by ids that may be asked for twice, each once; what is not there is left out. */
export function present<R>(ids: readonly string[], get: (id: string) => R | undefined): [string, R][] {
  return [...new Set(ids)].flatMap((id) => {
    const row = get(id);
    return row === undefined ? [] : [[id, row] as [string, R]];
  });
}
