import { createHash } from 'node:crypto';
import { GENESIS_HASH } from '../deliver/evidence-chain.js';
import type { AuditContent, AuditRow } from './audit-row.js';

/** Where a chain stands. */
export interface AuditHead {
  seq: number;
  hash: string;
}

/** Before the first row. */
export const AUDIT_GENESIS: AuditHead = { seq: 0, hash: GENESIS_HASH };

/** The row that follows in a workspace's chain. */
export function nextAuditRow(workspaceId: string, head: AuditHead, content: AuditContent): AuditRow {
  const row = { ...content, workspaceId, seq: head.seq + 1, previousHash: head.hash };
  return { ...row, hash: auditHash(row) };
}

/** SHA-256 (hex) of a row: its place, the hash before it, and every field in a fixed order. */
export function auditHash(row: Omit<AuditRow, 'hash'>): string {
  const { workspaceId, seq, previousHash, callId, actorKind, actorId, method, route, resourceId, outcome, at, purpose, reason, reference, fields } = row;
  return createHash('sha256').update(JSON.stringify([workspaceId, seq, previousHash, callId, actorKind, actorId, method, route, resourceId, outcome, at, purpose, reason, reference, fields])).digest('hex');
}

/** What a verification came to. */
export interface AuditVerdict {
  /** Rows that hold, up to the first that does not. */
  verified: number;
  /** The last of these; write it down elsewhere, and a later verification finds a cut tail and a chain that was made anew up to it. */
  head: AuditHead;
  /** `missing`: a row was deleted here; `edited`: it is not what was written, or not where; `unlinked`: it does not follow from the one before it; `anchor`: it is not the row that was written down. */
  firstBad: { seq: number; problem: 'missing' | 'edited' | 'unlinked' | 'anchor' } | null;
}

/**
 * Goes through a chain from its first row and names the first that is bad: after an edit, a deletion or a reorder. Rows that were cut off the end, and a chain that was
 * made anew by somebody who can write to the store, show only against an anchor: a head that was written down elsewhere.
 *
 * @param rows all of one workspace, in the order in which they are stored
 * @example const { firstBad } = await verifyAuditChain(trail.read(workspaceId), { seq: 1200, hash: 'f2ca…' });
 */
export async function verifyAuditChain(rows: AsyncIterable<AuditRow> | Iterable<AuditRow>, anchor?: AuditHead): Promise<AuditVerdict> {
  let head = AUDIT_GENESIS;
  const bad = (seq: number, problem: NonNullable<AuditVerdict['firstBad']>['problem']): AuditVerdict => ({ verified: head.seq, head, firstBad: { seq, problem } });
  for await (const row of rows) {
    const seq = head.seq + 1;
    if (row.hash !== auditHash(row)) return bad(seq, 'edited');
    if (row.seq !== seq) return bad(seq, row.seq > seq ? 'missing' : 'edited');
    if (row.previousHash !== head.hash) return bad(seq, 'unlinked');
    if (anchor?.seq === seq && anchor.hash !== row.hash) return bad(seq, 'anchor');
    head = { seq, hash: row.hash };
  }
  return anchor !== undefined && anchor.seq > head.seq ? bad(head.seq + 1, 'missing') : { verified: head.seq, head, firstBad: null };
}
