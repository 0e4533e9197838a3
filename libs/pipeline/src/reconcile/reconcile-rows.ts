import type { CopyDecision, CopyFinding, CopyRepair, ReconcileRepair } from '@firsthand/domain';

/**
 * What a reconcile does, in this order: `theirs` reads what the system lists, page by page, and compares it; `ours` looks for people whom it does not hold; `repair` writes what was decided, `again` reads the list once more for what takes a
 * record of theirs; `clear` removes the marks of who was seen. A decision on findings goes on from `repair`.
 */
export const RECONCILE_STEPS = ['theirs', 'ours', 'repair', 'again', 'clear'] as const;
export type ReconcileStep = (typeof RECONCILE_STEPS)[number];

/** What a reconcile has found and done so far. */
export interface ReconcileCounts {
  /** Records that the system listed, and those of them that could not be read. */
  listed: number;
  unreadable: number;
  /** People of ours who were looked at. */
  people: number;
  /** Who is there as here. */
  equal: number;
  different: number;
  missing: number;
  extra: number;
  /** Findings about which something was done, which were left as they are, and which were so no more when it was their turn. */
  repaired: number;
  left: number;
  outdated: number;
}

/** Who asked for it: an account, an API key; null for the night. */
export type ReconcileActor = { kind: 'user' | 'apiKey'; id: string } | null;

/** The comparison of what a system holds with what we hold, by one sync rule. All times are epoch ms. */
export interface ReconcileRow {
  /** `workspaceId|id`. */
  reconcileId: string;
  workspaceId: string;
  ruleId: string;
  connectionId: string;
  repair: ReconcileRepair;
  by: ReconcileActor;
  startedAt: number;
  step: ReconcileStep;
  /** Where the step goes on: of the system’s list, or behind an id; null at its beginning. */
  cursor: string | null;
  /** How often the list could not be read since it last could. */
  failures: number;
  counts: ReconcileCounts;
  /** Fields of the rule that were not compared: the source’s mapping does not read them. */
  unread: string[];
  /** When a worker goes on with it; null when it has ended. */
  dueAt: number | null;
  end: { at: number; as: 'done' | 'cancelled' | 'gone' | 'listing-failed' } | { at: number; as: 'listing-refused'; code: string } | null;
}

/** A reconcile that one worker has taken. */
export interface ReconcileLease {
  row: ReconcileRow;
  /** Grows with each claim; every write checks it. */
  fence: number;
}

/** `reported` asks for nothing, `open` waits for a decision, `decided` for its repair. `outdated`: it was so no more, or the system listed it no more. */
export const FINDING_STATES = ['reported', 'open', 'decided', 'repaired', 'left', 'outdated'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** What was found of one person, or of one record of somebody whom we do not know. It holds no value. */
export interface FindingRow extends CopyFinding {
  /** `reconcileId|key`: the same is found once. */
  findingId: string;
  workspaceId: string;
  reconcileId: string;
  /** Null for somebody whom we do not know, or who was erased. */
  profileId: string | null;
  state: FindingState;
  decision: CopyDecision | null;
  /** What the decision comes to; null before it. */
  repair: CopyRepair | null;
  at: number;
  decidedAt: number | null;
}

/** That the system listed a person: by which record of its own, as a keyed digest. */
export interface SeenCopy {
  profileId: string;
  key: string;
}

/** A reconcile that begins. */
export function newReconcile(about: Pick<ReconcileRow, 'reconcileId' | 'workspaceId' | 'ruleId' | 'connectionId' | 'repair' | 'by'>, now: number): ReconcileRow {
  return {
    ...about, startedAt: now, step: 'theirs', cursor: null, failures: 0, unread: [], dueAt: now, end: null,
    counts: { listed: 0, unreadable: 0, people: 0, equal: 0, different: 0, missing: 0, extra: 0, repaired: 0, left: 0, outdated: 0 },
  };
}
