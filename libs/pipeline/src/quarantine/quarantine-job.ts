/** Which quarantined records are meant. All that is given has to fit. */
export interface QuarantineSelection {
  quarantineIds?: readonly string[];
  groupId?: string;
  connectionId?: string;
  code?: string;
  /** Received at this time or later, and before that one; epoch ms. */
  from?: number;
  to?: number;
}

/** A place in the order of receipt. */
export interface QuarantinePlace {
  receivedAt: number;
  quarantineId: string;
}

/** A question for quarantined records, in the order of their receipt. */
export interface QuarantineQuery {
  workspaceId: string;
  selection: QuarantineSelection;
  /** Only of these connections; null for all. */
  connectionIds: readonly string[] | null;
  /** Only what was set aside since then: what is older is to go. */
  keptSince: number;
  /** Only what was set aside until then. */
  until: number;
  after: QuarantinePlace | null;
  limit: number;
}

/** A release or a discard of quarantined records that workers carry out, page by page. All times are epoch ms. */
export interface QuarantineJobRow {
  /** `workspaceId|id`. */
  jobId: string;
  workspaceId: string;
  kind: 'release' | 'discard';
  selection: QuarantineSelection;
  /** The connections that whoever asked may do this with; null for all. */
  connectionIds: readonly string[] | null;
  /** Whether flows that accept historical records are started. */
  startsFlows: boolean;
  /** Of a discard. */
  reason: string | null;
  /** Records per second; null for as many as it can. */
  perSecond: number | null;
  by: { kind: 'user' | 'apiKey'; id: string };
  /** What is set aside later is left alone. */
  startedAt: number;
  /** The last record that was looked at. */
  after: QuarantinePlace | null;
  /** What became of how many: `applied`, `duplicate`, `refused.<reason>`, `quarantined.<code>` again, `fetching`, `discarded`, `left.<reason>` as they were. */
  counts: Record<string, number>;
  /** When a worker goes on with it; null when it has ended. */
  dueAt: number | null;
  end: { at: number; as: 'done' | 'cancelled' } | null;
}

/** A job that this process works on. */
export interface QuarantineJobLease {
  job: QuarantineJobRow;
  /** Grows with each claim; every write checks it. */
  fence: number;
}
