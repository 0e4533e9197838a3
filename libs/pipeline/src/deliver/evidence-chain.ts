import { createHash, createHmac } from 'node:crypto';
import type { JsonValue } from '@firsthand/domain';
import type { EvidenceBlock, EvidenceItem, LaneLease, OutcomeItem } from '../ports/rows.js';

/** The hash that a chain begins with. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * The next block of a lane's chain. Its hash covers the previous hash and everything in it, so that an edit, a removal or a reorder
 * shows at the next block.
 */
export function nextBlock(lease: LaneLease, evaluatedAt: number, evidence: EvidenceItem[], outcomes: OutcomeItem[]): EvidenceBlock {
  const { workspaceId, connectionId, chainSeq, chainHash } = lease;
  const content = { workspaceId, connectionId, seq: chainSeq + 1, previousHash: chainHash, evaluatedAt, evidence, outcomes };
  return { ...content, hash: blockHash(content) };
}

/** SHA-256 (hex) of a block without its own hash. */
export function blockHash({ workspaceId, connectionId, seq, previousHash, evaluatedAt, evidence, outcomes }: Omit<EvidenceBlock, 'hash'>): string {
  const rows = [
    workspaceId, connectionId, seq, previousHash, evaluatedAt,
    evidence.map((item) => [
      item.deliveryId, item.attempt, item.subjectKey, item.purpose, item.fields, item.payloadDigest, item.isAllowed, item.reason,
      item.recordId, item.agreementId, item.agreementVersion, item.idempotencyKey,
    ]),
    outcomes.map((item) => [item.deliveryId, item.attempt, item.sentAt, item.settledAt, item.outcome, item.reason]),
  ];
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

/** HMAC-SHA256 (base64url) of a payload under the person's salt: proves what was sent to who holds the payload, says nothing once the salt is gone. */
export function payloadDigest(salt: string, payload: JsonValue): string {
  return createHmac('sha256', salt).update(JSON.stringify(payload)).digest('base64url');
}
