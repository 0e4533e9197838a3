/** What is written down of one act. No personal data: route patterns, ids, field names and codes only. */
export interface AuditContent {
  /** The same on the row that was written ahead and on the one of how it ended. */
  callId: string;
  actorKind: 'user' | 'apiKey' | 'system';
  actorId: string;
  method: string;
  /** The route's pattern, never the address itself; of the host's own deeds their name, with the method `SYSTEM`. */
  route: string;
  resourceId: string | null;
  /** `started`, `done`, or the error's code; of the host's own deeds the reason. */
  outcome: string;
  /** Epoch ms. */
  at: number;
  /** Of a value read in full: the purpose it was for, the reason's code, the case it belongs to, and the names of the fields. */
  purpose: string | null;
  reason: string | null;
  reference: string | null;
  fields: readonly string[];
}

/** One row of a workspace's chain. */
export interface AuditRow extends AuditContent {
  workspaceId: string;
  /** 1 for the first, without a gap. */
  seq: number;
  previousHash: string;
  /** SHA-256, hex, of all the others. */
  hash: string;
}

/** Which rows. What is left out is not asked for. */
export interface AuditQuery {
  actorId?: string | undefined;
  resourceId?: string | undefined;
  route?: string | undefined;
  outcome?: string | undefined;
  purpose?: string | undefined;
  callId?: string | undefined;
  /** Epoch ms, from included, to excluded. */
  from?: number | undefined;
  to?: number | undefined;
}

/** The audit log of every workspace. It only grows: there is no way to change or take back a row. */
export interface AuditTrail {
  /** Resolves when the row is on a majority. Throws FirsthandError UNAVAILABLE when it could not be written: then what it tells of must not happen. */
  append(workspaceId: string, content: AuditContent): Promise<void>;
  /** Newest first, those before `beforeSeq`. */
  find(workspaceId: string, query: AuditQuery, page: { beforeSeq?: number | undefined; limit: number }): Promise<AuditRow[]>;
  /** Oldest first, all of them. */
  read(workspaceId: string, query?: AuditQuery): AsyncIterable<AuditRow>;
}
