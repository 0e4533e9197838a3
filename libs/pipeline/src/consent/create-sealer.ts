import { underLease } from '../deliver/under-lease.js';
import { chainBlock } from '../deliver/evidence-chain.js';
import type { Clock } from '../ports/configuration.js';
import type { EvidenceBlock, LaneLease } from '../ports/rows.js';
import type { Store } from '../ports/store.js';

/** The chain of a workspace's consent records lies beside those of its destinations; no connection can have this id. */
export const CONSENT_CHAIN = '@consents';

export interface SealerOptions {
  store: Store;
  clock: Clock;
  /** Unique to this process. */
  holder: string;
}

/**
 * Puts the records of the consent ledger into a hash chain, one per workspace, within about a second after they were written. Not in the transaction that writes
 * them: all that bring a decision would meet at the head of the chain. What waits is written in that transaction, so none is left out. The chain is a lane's: only who
 * holds its lease can append, and a fork is a duplicate key.
 *
 * @example repeat(() => sealer.tick(), { name: 'seal', everyMs: 1_000, logger, onFailure })
 */
export function createSealer({ store, clock, holder }: SealerOptions): { tick(): Promise<void> } {
  async function sealSome(lease: LaneLease): Promise<EvidenceBlock | null> {
    return store.transaction(async (tx) => {
      const consents = await tx.takeUnsealed(lease.workspaceId);
      if (consents.length === 0) return null;
      const block = chainBlock(lease, clock(), { consents }, consents.map(({ recordId }) => recordId));
      await tx.advanceLane(lease, block);
      await tx.insertEvidence(block);
      return block;
    });
  }

  return {
    async tick() {
      for (const workspaceId of await store.findUnsealedWorkspaces()) {
        await underLease(store, { workspaceId, connectionId: CONSENT_CHAIN }, { holder, now: clock() }, async (lease) => {
          for (let block = await sealSome(lease); block !== null; block = await sealSome(lease)) [lease.chainSeq, lease.chainHash] = [block.seq, block.hash];
        });
      }
    },
  };
}
