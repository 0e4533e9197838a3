import type { Signer } from '@firsthand/access';
import type { Collections } from '@firsthand/persistence';
import type { Clock } from '@firsthand/pipeline';
import { CHECKPOINT_TYPE, type ChainHead, type Checkpoint } from './checkpoint.js';
import type { CheckpointTarget } from './checkpoint-targets.js';

/** Of one checkpoint. */
const MAX_HEADS = 500;

export interface CheckpointsOptions {
  collections: Pick<Collections, 'lanes'>;
  signer: Signer;
  targets: readonly CheckpointTarget[];
  /** Who says so: the host's public address. */
  issuer: string;
  clock: Clock;
}

export interface Checkpoints {
  /** Tells the heads that have moved since the last time; throws when a target does not take them, and tells them again the next time. */
  tick(): Promise<void>;
  /** When the targets last knew all there was, epoch ms; null before that. */
  readonly caughtUpAt: number | null;
}

/**
 * Tells the heads of all chains outside of the database, signed: whoever makes a chain again, or cuts it, cannot make these again. Reads one small row per lane, and
 * holds nobody up.
 *
 * @example const checkpoints = createCheckpoints(options); await checkpoints.tick();
 */
export function createCheckpoints({ collections, signer, targets, issuer, clock }: CheckpointsOptions): Checkpoints {
  const told = new Map<string, number>();
  let caughtUpAt: number | null = null;

  async function tell(heads: readonly ChainHead[]): Promise<void> {
    const checkpoint: Checkpoint = { iss: issuer, at: new Date(clock()).toISOString(), heads: [...heads] };
    const jws = await signer.sign(checkpoint, CHECKPOINT_TYPE);
    for (const target of targets) await target.keep(jws);
    for (const { chain, seq } of heads) told.set(chain, seq);
  }

  return {
    async tick() {
      const now = clock();
      let heads: ChainHead[] = [];
      for await (const { _id: chain, chainSeq: seq, chainHash: hash } of collections.lanes.find({ chainSeq: { $gt: 0 } }, { projection: { chainSeq: 1, chainHash: 1 } })) {
        if (told.get(chain) === seq) continue;
        heads.push({ chain, seq, hash, count: seq });
        if (heads.length < MAX_HEADS) continue;
        await tell(heads);
        heads = [];
      }
      if (heads.length > 0) await tell(heads);
      caughtUpAt = now;
    },
    get caughtUpAt() {
      return caughtUpAt;
    },
  };
}
