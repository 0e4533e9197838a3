import { createHash, createHmac } from 'node:crypto';
import type { JsonValue } from '@firsthand/domain';
import type { BlockContent, EvidenceBlock, LaneLease } from '../ports/rows.js';

/** The hash that a chain begins with. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * The next block of a lane's chain. Its hash covers the previous hash and everything in it, so that an edit, a removal or a reorder
 * shows at the next block.
 */
export function nextBlock(lease: LaneLease, evaluatedAt: number, { evidence, outcomes }: BlockContent): EvidenceBlock {
  return chainBlock(lease, evaluatedAt, { evidence, outcomes }, idsIn({ evidence, outcomes }));
}

/** The next block of any chain that has its head in a lease. `ids` is by what the block is found. */
export function chainBlock({ workspaceId, connectionId, chainSeq, chainHash }: LaneLease, at: number, content: object, ids: string[]): EvidenceBlock {
  const block = { workspaceId, connectionId, seq: chainSeq + 1, previousHash: chainHash, evaluatedAt: at, content: JSON.stringify(content) };
  return { ...block, hash: blockHash(block), deliveryIds: ids };
}

/** By which ids a lane's block is found. */
export function idsIn({ evidence, outcomes }: BlockContent): string[] {
  return [...new Set([...evidence, ...outcomes].map(({ deliveryId }) => deliveryId))];
}

/** SHA-256 (hex) of a block: its place, the previous hash and its content as it is stored. */
export function blockHash({ workspaceId, connectionId, seq, previousHash, evaluatedAt, content }: Omit<EvidenceBlock, 'hash' | 'deliveryIds'>): string {
  return createHash('sha256').update(JSON.stringify([workspaceId, connectionId, seq, previousHash, evaluatedAt])).update(content).digest('hex');
}

/** What a stored block proves. */
export function readBlock({ content }: Pick<EvidenceBlock, 'content'>): BlockContent {
  return JSON.parse(content) as BlockContent;
}

/** HMAC-SHA256 (base64url) of a payload under the person's salt: proves what was sent to who holds the payload, says nothing once the salt is gone. */
export function payloadDigest(salt: string, payload: JsonValue): string {
  return createHmac('sha256', salt).update(JSON.stringify(payload)).digest('base64url');
}
