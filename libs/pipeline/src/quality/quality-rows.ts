import type { QualityBucket, QualityStanding, QualityTidings, WindowVerdict } from '@firsthand/domain';

/** What one batch says of one expectation at one source, within five minutes of receipt. It holds no value: `asked` are keyed digests. */
export interface QualityCount extends QualityBucket {
  expectationId: string;
  stamp: string;
  connectionId: string;
  /** Of the last event, epoch ms. */
  lastAt: number;
  /** Digests of values, one per event, of which it is to be found out whether they were seen before; they are checked and not yet judged. */
  asked?: string[];
  asks?: QualityQuestion;
}

/** What is asked of digests: that none was seen within a time, or that each is known. */
export type QualityQuestion = { kind: 'unseen'; keptMs: number } | { kind: 'known'; set: string };

/** Digests of values that events have made known, for those that refer to them. */
export interface KnownDigests {
  set: string;
  digests: string[];
  /** Epoch ms: they are known until then. */
  until: number;
}

/** What one transaction has counted: one row, only ever inserted, and added up later. Transactions side by side never meet at it. */
export interface QualityCountRow {
  workspaceId: string;
  /** When it was applied, epoch ms. */
  at: number;
  counts: QualityCount[];
  known: KnownDigests[];
}

/** One expectation at one source. */
export interface QualityPlace {
  workspaceId: string;
  expectationId: string;
  stamp: string;
  connectionId: string;
}

/** How an expectation stands at a source. */
export interface QualityState extends QualityPlace, QualityStanding {
  /** Since when it has been counted, epoch ms. */
  countedSince: number;
  lastAt: number | null;
  /** Whom alarms go to while one is told; what was told is taken back there, also when the expectation is gone. */
  alertConnectionId: string | null;
  /** Grows with each change: who has read an older one writes nothing. */
  revision: number;
}

/** How an expectation did at a source in one hour. */
export interface QualityResultRow extends Omit<QualityPlace, 'stamp'> {
  /** The start of the hour, epoch ms. */
  hour: number;
  kind: string;
  severity: string;
  event: string | null;
  field: string | null;
  /** The lowest score within the hour. */
  score: number;
  /** Of the last verdict within the hour. */
  last: WindowVerdict;
}

/** Something to tell, or that was told. */
export interface QualityAlertRow extends Omit<QualityPlace, 'stamp'> {
  /** `workspaceId|stable id`: also what receivers know a repeat by. */
  alertId: string;
  tidings: QualityTidings;
  /** The connection that it goes to. */
  to: string;
  /** What is said of it; no personal data. */
  content: QualityAlertContent;
  createdAt: number;
  attempt: number;
  /** When it is tried next; null when it has ended. */
  dueAt: number | null;
  end: { at: number; as: 'told' | 'given-up' } | null;
}

export interface QualityAlertContent {
  name: string;
  kind: string;
  severity: string;
  event: string | null;
  field: string | null;
  checked: number;
  failed: number;
  observed: number | null;
  expected: number | null;
}
