import type { ExtensionReason, Identity, JsonObject, Regime, RequestActor, RequestChange, RequestKind, RequestSource, RequestStatus, Verification } from '@firsthand/domain';
import type { MachineRequest } from './machine-request.js';

/** What a person asked for, and what became of it. MongoDB's row is the truth of it. */
export interface PrivacyRequestRow {
  /** `workspaceId|id`; of one that a record told, the id is made from the event: the same record again is the same request. */
  requestId: string;
  workspaceId: string;
  kind: RequestKind;
  status: RequestStatus;
  /** As the person was named. Erasure takes them out. */
  identities: Identity[];
  /** The person as known then, aliases resolve it; null for one who is not known here. */
  profileId: string | null;
  source: RequestSource;
  /** The source connection and the event, where a record told it. */
  connectionId: string | null;
  eventId: string | null;
  /** Whether it was shown that the person asks. */
  isVerified: boolean;
  /** How; null for nobody has. */
  verification: Verification | null;
  regime: Regime;
  /** Epoch ms: when the person asked, as the source says. */
  requestedAt: number;
  /** Epoch ms: when it came here; the time to answer begins with it. */
  receivedAt: number;
  /** Epoch ms: when it must be answered, extensions included. */
  dueAt: number;
  /** The one extension. */
  extension: { reason: ExtensionReason; at: number } | null;
  /** Why it was refused, one of `REFUSALS`. */
  refusal: string | null;
  /** What is asked for in detail: of a rectification the fields and their new values. */
  details: JsonObject | null;
  /** What was done: counts and ids, set by who completes it. */
  result: JsonObject | null;
  history: RequestChange[];
  /** Since when the officers were told that it is soon due, and that it is overdue; null not yet. */
  alerts: { dueSoonAt: number | null; overdueAt: number | null };
  /** Of one that came over OpenDSR: what the machine calls it, and where it wants to be told; null of any other. */
  machine: MachineRequest | null;
}

/** Which requests. All that is given has to hold. */
export interface PrivacyRequestQuery {
  workspaceId: string;
  kinds?: readonly RequestKind[];
  statuses?: readonly RequestStatus[];
  /** Epoch ms. */
  dueBefore?: number;
  /** Of this person: who has one of the ids or identities. */
  person?: { profileIds: readonly string[]; identities: readonly Identity[] };
  /** In the order of due date and id: from behind this one on. */
  after?: { dueAt: number; requestId: string };
  limit: number;
}

/** What changes of a request together with its status. */
export interface RequestAdvance {
  to: RequestStatus;
  /** Epoch ms. */
  at: number;
  actor: RequestActor;
  /** Into the history: a code. */
  reason?: string | null;
  refusal?: string;
  verification?: Verification;
  /** What was done. */
  result?: JsonObject;
}

/** Requests of data subjects. */
export interface PrivacyRequestStore {
  /** Stores a new request. One that is there already stays as it is, and false is given. */
  insertPrivacyRequest(row: PrivacyRequestRow): Promise<boolean>;
  findPrivacyRequest(requestId: string): Promise<PrivacyRequestRow | undefined>;
  /** By due date, the first due first. Work lists are `{ kinds: [...], statuses: ['in-progress'] }`. */
  findPrivacyRequests(query: PrivacyRequestQuery): Promise<PrivacyRequestRow[]>;
  /**
   * Moves a request on, if it still stands at `from`: of two workers that do so at once, one succeeds. Gives the row as it is then, or undefined when somebody was
   * quicker. Throws FirsthandError REQUEST_TRANSITION or IDENTITY_UNVERIFIED for a change that there is not.
   */
  advancePrivacyRequest(requestId: string, from: RequestStatus, change: RequestAdvance): Promise<PrivacyRequestRow | undefined>;
  /** Puts the answer off, once: undefined when the due date is another by now, or the request is answered. */
  extendPrivacyRequest(requestId: string, change: { from: number; dueAt: number; reason: ExtensionReason; at: number }): Promise<PrivacyRequestRow | undefined>;
  /** Sets since when the officers are told, if it still stands at `from`: of two processes one succeeds. */
  markRequestAlert(requestId: string, alert: keyof PrivacyRequestRow['alerts'], change: { from: number | null; to: number | null }): Promise<boolean>;
}
