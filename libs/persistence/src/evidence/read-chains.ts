import type { EvidenceBlock } from '@firsthand/pipeline';
import type { Collections } from '../store/collections.js';
import { digits } from '../store/digits.js';
import { storeKey } from '../store/store-key.js';

const BATCH = 200;

/** Every chain that has blocks, is known to a lane, or is named: `workspaceId|connectionId`. One look per chain, however long they are. */
export async function listChains({ evidence, lanes }: Pick<Collections, 'evidence' | 'lanes'>, named: readonly string[] = []): Promise<string[]> {
  const chains = new Set(named);
  for await (const { _id } of lanes.find({ chainSeq: { $gt: 0 } }, { projection: { _id: 1 } })) chains.add(_id);
  for (let after = ''; ;) {
    const block = await evidence.findOne({ _id: { $gt: after } }, { sort: { _id: 1 }, projection: { _id: 1 } });
    if (block === null) break;
    const chain = block._id.slice(0, block._id.lastIndexOf('|'));
    chains.add(chain);
    after = `${chain}}`;
  }
  return [...chains].sort();
}

/** The blocks of a chain in the order of their keys, which say their places; one whose key and place differ gets the place of its key. */
export async function* readChain({ evidence }: Pick<Collections, 'evidence'>, chain: string): AsyncGenerator<EvidenceBlock> {
  for await (const { _id, schemaVersion, ...block } of evidence.find({ _id: { $gte: `${chain}|`, $lt: `${chain}}` } }, { sort: { _id: 1 }, batchSize: BATCH })) {
    const seq = Number(_id.slice(chain.length + 1));
    yield _id === storeKey(block.workspaceId, block.connectionId, digits(block.seq, 12)) ? block : { ...block, seq };
  }
}
