import { readBlock, type EvidenceItem, type OutcomeItem } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';

/** What proves one delivery: a row written ahead of each send, and the outcomes after it, with their place in the lane's chain. */
export interface DeliveryEvidence {
  evidence: (EvidenceItem & { blockSeq: number; blockHash: string; evaluatedAt: string })[];
  outcomes: (Omit<OutcomeItem, 'sentAt' | 'settledAt'> & { blockSeq: number; blockHash: string; sentAt: string; settledAt: string })[];
}

/** Finds the evidence of deliveries. Every id asked for has an entry. */
export async function findEvidence({ collections }: Pick<AdminContext, 'collections'>, workspaceId: string, deliveryIds: readonly string[]): Promise<Map<string, DeliveryEvidence>> {
  const found = new Map<string, DeliveryEvidence>(deliveryIds.map((id) => [id, { evidence: [], outcomes: [] }]));
  const blocks = await collections.evidence.find({ workspaceId, deliveryIds: { $in: [...deliveryIds] } }).toArray();
  for (const { seq: blockSeq, hash: blockHash, evaluatedAt, content } of blocks.sort((a, b) => a.seq - b.seq)) {
    const { evidence, outcomes } = readBlock({ content });
    for (const item of evidence) found.get(item.deliveryId)?.evidence.push({ ...item, blockSeq, blockHash, evaluatedAt: new Date(evaluatedAt).toISOString() });
    for (const item of outcomes) {
      found.get(item.deliveryId)?.outcomes.push({ ...item, blockSeq, blockHash, sentAt: new Date(item.sentAt).toISOString(), settledAt: new Date(item.settledAt).toISOString() });
    }
  }
  return found;
}
