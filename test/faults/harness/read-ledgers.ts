import type { ConnectedStore } from '@firsthand/persistence';
import { blockHash, GENESIS_HASH, readBlock, type EvidenceBlock } from '@firsthand/pipeline';
import type { AdminContext } from '../../../apps/host/src/admin/admin-context.js';
import { getBalance } from '../../../apps/host/src/admin/balance/balance.js';
import type { Caller } from '../../../apps/host/src/admin/http/caller.js';
import type { ChainEntry, Ledgers } from './ledgers.js';

/** The host's own part of the ledgers, of one destination of one workspace, read when the run is over. */
export async function readLedgers(
  store: Pick<ConnectedStore, 'collections' | 'connection'>, workspaceId: string, connectionId: string,
): Promise<Pick<Ledgers, 'applied' | 'quarantined' | 'deliveries' | 'chain' | 'isChainWhole' | 'difference'>> {
  const { events, deliveries, evidence, quarantine } = store.collections;
  const stored = await events.find({ workspaceId }).toArray();
  const messageIds = new Map(stored.map(({ _id, record }) => [_id, record.messageId]));
  const rows = await deliveries.find({ workspaceId, connectionId }).toArray();
  const blocks = await evidence.find({ workspaceId, connectionId }).sort({ seq: 1 }).toArray();
  const { difference } = await getBalance({ ...store, clock: Date.now } as unknown as AdminContext, { workspaceId } as Caller, { per: 'total' });
  return {
    applied: stored.map(({ record }) => record.messageId),
    quarantined: (await quarantine.find({ workspaceId }).toArray()).map(({ code }) => code),
    deliveries: rows.map(({ _id, eventId, profileId, seq, state }) => ({ key: _id.slice(workspaceId.length + 1), messageId: messageIds.get(eventId ?? '') ?? '', profileId, seq, state })),
    chain: blocks.flatMap(entriesOf(workspaceId)),
    isChainWhole: isWhole(blocks.map((block) => ({ ...block, workspaceId }))),
    difference,
  };
}

/** Keys of what has arrived at the destination and is not written down: only these may come again. */
export async function unsettledKeys({ collections: { evidence } }: Pick<ConnectedStore, 'collections'>, workspaceId: string, connectionId: string, received: readonly { key: string }[]): Promise<string[]> {
  const open = new Map<string, number>();
  const blocks = await evidence.find({ workspaceId, connectionId }).sort({ seq: 1 }).toArray();
  for (const { kind, key } of blocks.flatMap(entriesOf(workspaceId))) open.set(key, kind === 'decision' ? 1 : 0);
  return [...new Set(received.map(({ key }) => key))].filter((key) => open.get(key) === 1);
}

/** Outcomes first: a round writes down what came back, and then decides. */
function entriesOf(workspaceId: string) {
  return (block: Pick<EvidenceBlock, 'content' | 'evaluatedAt'>): ChainEntry[] => {
    const { evidence, outcomes } = readBlock(block);
    return [
      ...outcomes.map(({ deliveryId, outcome, sentAt }): ChainEntry => ({ kind: 'outcome', key: deliveryId.slice(workspaceId.length + 1), outcome, sentAt })),
      ...evidence.filter(({ isAllowed }) => isAllowed).map(({ idempotencyKey }): ChainEntry => ({ kind: 'decision', key: idempotencyKey, evaluatedAt: block.evaluatedAt })),
    ];
  };
}

function isWhole(blocks: readonly Omit<EvidenceBlock, 'deliveryIds'>[]): boolean {
  return blocks.every((block, index) => block.seq === index + 1 && block.previousHash === (blocks[index - 1]?.hash ?? GENESIS_HASH) && block.hash === blockHash(block));
}
