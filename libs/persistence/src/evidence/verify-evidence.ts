import { blockHash, CONSENT_CHAIN, idsIn, readBlock, walkChain, type Anchors, type ChainFault, type EvidenceBlock } from '@firsthand/pipeline';
import type { Collections } from '../store/collections.js';
import { listChains, readChain } from './read-chains.js';
import { findAddedRecord, findBrokenRecord, readConsents, type RecordFault } from './verify-ledger.js';

/** The first bad row of a chain, or of the ledger whose records it holds. */
export type EvidenceFault = { chain: string } & (ChainFault | (RecordFault & { seq?: number }));

/** What a verification found. */
export interface EvidenceVerdict {
  chains: number;
  blocks: number;
  /** One at most per chain. */
  faults: EvidenceFault[];
}

/**
 * Walks all chains of evidence and of consents, and compares them with what was told outside. A host may go on writing meanwhile. Reads block by block: memory does not
 * grow with the chains.
 *
 * @param anchors the heads of the checkpoints
 * @example const { faults } = await verifyEvidence(collections, anchors);
 */
export async function verifyEvidence(collections: Collections, anchors: Anchors): Promise<EvidenceVerdict> {
  const verdict: EvidenceVerdict = { chains: 0, blocks: 0, faults: [] };
  for (const chain of await listChains(collections, anchors.chains)) {
    const { blocks, fault } = await verifyChain(collections, chain, anchors);
    verdict.chains += 1;
    verdict.blocks += blocks;
    if (fault !== null) verdict.faults.push(fault);
  }
  // Workspaces whose ledger has no chain at all are looked at too.
  const workspaces = (await collections.consents.distinct('workspaceId')).filter((id) => !verdict.faults.some(({ chain }) => chain === `${id}|${CONSENT_CHAIN}`));
  for (const workspaceId of workspaces) {
    const added = await findAddedRecord(collections, workspaceId);
    if (added !== null) verdict.faults.push({ chain: `${workspaceId}|${CONSENT_CHAIN}`, ...added });
  }
  return verdict;
}

async function verifyChain(collections: Collections, chain: string, anchors: Anchors): Promise<{ blocks: number; fault: EvidenceFault | null }> {
  const isLedger = chain.endsWith(`|${CONSENT_CHAIN}`);
  // Read first: the chain may grow, and never ends before it.
  const lane = await collections.lanes.findOne({ _id: chain }, { projection: { chainSeq: 1, chainHash: 1 } });
  const told = anchors.of(chain);
  const own = lane === null || lane.chainSeq === 0 ? [] : [{ seq: lane.chainSeq, hash: lane.chainHash }];
  let broken: EvidenceFault | null = null;
  const links = isLedger ? withRecords(collections, chain, (fault) => { broken ??= { chain, ...fault }; }) : readChain(collections, chain);
  const { links: blocks, fault } = await walkChain<EvidenceBlock>({
    links, hashOf: blockHash, anchors: [...told, ...own].sort((one, other) => one.seq - other.seq),
    isSound: ({ content, deliveryIds }) => isSameSet(deliveryIds, isLedger ? readConsents(content).map(({ recordId }) => recordId) : idsIn(readBlock({ content }))),
  });
  return { blocks, fault: fault === null ? broken : { chain, ...fault } };
}

/** The blocks of the ledger's chain, looking into their records on the way until one is bad. */
async function* withRecords(collections: Collections, chain: string, tell: (fault: RecordFault & { seq: number }) => void): AsyncGenerator<EvidenceBlock> {
  let isFine = true;
  for await (const block of readChain(collections, chain)) {
    const fault = isFine && blockHash(block) === block.hash ? await findBrokenRecord(collections, block) : null;
    if (fault !== null) {
      isFine = false;
      tell({ ...fault, seq: block.seq });
    }
    yield block;
  }
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one);
  return set.size === new Set(other).size && other.every((id) => set.has(id));
}
