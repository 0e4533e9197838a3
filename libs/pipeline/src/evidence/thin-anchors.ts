import type { ChainAnchor } from './walk-chain.js';

/** Of one chain, at most. */
const MAX_ANCHORS = 1_000;

/**
 * Collects the anchors of chains from checkpoints in bounded memory: the newest of a chain always, and of the older ones so many that a rebuilt chain is narrowed down well.
 *
 * @example const anchors = new Anchors(); anchors.add('w|crm', { seq: 12, hash }); anchors.of('w|crm');
 */
export class Anchors {
  private readonly byChain = new Map<string, ChainAnchor[]>();

  add(chain: string, anchor: ChainAnchor): void {
    const known = this.byChain.get(chain) ?? [];
    known.push(anchor);
    this.byChain.set(chain, known.length > MAX_ANCHORS ? known.sort(bySeq).filter((_, index) => index % 2 === 0 || index === known.length - 1) : known);
  }

  /** By rising seq. */
  of(chain: string): ChainAnchor[] {
    return (this.byChain.get(chain) ?? []).sort(bySeq);
  }

  get chains(): string[] {
    return [...this.byChain.keys()];
  }
}

const bySeq = (one: ChainAnchor, other: ChainAnchor): number => one.seq - other.seq;
