import { GENESIS_HASH } from '../deliver/evidence-chain.js';

/** A link of any hash chain: its place, its hash, and the hash of the link before it. */
export interface ChainLink {
  /** Of the first link 1, and one more for each. */
  seq: number;
  previousHash: string;
  hash: string;
}

/** A head of a chain that was told outside of the database: at that place the chain had this hash. */
export interface ChainAnchor {
  seq: number;
  hash: string;
}

/** What a chain was found to be. */
export type ChainFaultKind =
  | 'edited' // its content does not give its hash
  | 'missing' // it was deleted, and others follow
  | 'reordered' // it lies at another place than it was written at
  | 'rewritten' // its hash is right, but not the one that the next link names
  | 'cut' // the chain ends before it, and was longer
  | 'rebuilt'; // the chain is whole in itself, but is not the one that was told of

/** The first bad link of a chain. */
export interface ChainFault {
  kind: ChainFaultKind;
  seq: number;
  /** For what only an anchor shows: the first bad link lies between this place and `seq`. */
  since?: number;
}

/** The result of a walk: how many links were good, the last of them, and what is wrong with the next. */
export interface ChainVerdict {
  links: number;
  head: ChainAnchor;
  fault: ChainFault | null;
}

/** How to walk a chain. */
export interface ChainWalk<L extends ChainLink> {
  /** In the order of their places as they are stored; read once, one at a time. */
  links: AsyncIterable<L> | Iterable<L>;
  /** The hash that a link should have, by all that is in it but its hash. */
  hashOf(link: L): string;
  /** What was told of the chain, by rising seq. */
  anchors?: readonly ChainAnchor[];
  /** Further things that make a link bad, as an index beside it that its hash does not cover. */
  isSound?(link: L): boolean;
}

/** How far from its place a link is looked for that was put elsewhere. */
const REORDER_REACH = 1_000;

/**
 * Walks a hash chain from its beginning and names its first bad link. What is after the last anchor can be cut off, or made again, without a trace; all else shows.
 * Memory does not grow with the chain.
 *
 * @example await walkChain({ links: blocks, hashOf: blockHash, anchors: [{ seq: 120, hash }] })
 */
export async function walkChain<L extends ChainLink>({ links, hashOf, anchors = [], isSound = () => true }: ChainWalk<L>): Promise<ChainVerdict> {
  let head: ChainAnchor = { seq: 0, hash: GENESIS_HASH };
  let anchored = 0;
  let next = 0;
  const end = (fault: ChainFault | null): ChainVerdict => ({ links: head.seq, head, fault });
  for await (const link of links) {
    const fault = faultOf(link, head, hashOf) ?? (isSound(link) ? null : { kind: 'edited' as const, seq: link.seq });
    if (fault !== null) return end(fault);
    for (let anchor = anchors[next]; anchor !== undefined && anchor.seq <= link.seq; anchor = anchors[(next += 1)]) {
      if (anchor.seq === link.seq && anchor.hash !== link.hash) return end({ kind: 'rebuilt', seq: link.seq, since: anchored + 1 });
      anchored = anchor.seq;
    }
    head = { seq: link.seq, hash: link.hash };
  }
  const last = anchors.at(-1);
  return end(last !== undefined && last.seq > head.seq ? { kind: 'cut', seq: head.seq + 1 } : null);
}

function faultOf<L extends ChainLink>(link: L, head: ChainAnchor, hashOf: (link: L) => string): ChainFault | null {
  if (hashOf(link) !== link.hash) return { kind: isElsewhere(link, hashOf) ? 'reordered' : 'edited', seq: link.seq };
  if (link.seq > head.seq + 1) return { kind: 'missing', seq: head.seq + 1 };
  if (link.seq < head.seq + 1) return { kind: 'reordered', seq: link.seq };
  // The link before it is not the one that it was chained to.
  if (link.previousHash !== head.hash) return { kind: 'rewritten', seq: Math.max(head.seq, 1) };
  return null;
}

/** Whether a link is whole, but was written at another place. */
function isElsewhere<L extends ChainLink>(link: L, hashOf: (link: L) => string): boolean {
  for (let distance = 1; distance <= REORDER_REACH; distance += 1) {
    if ([link.seq - distance, link.seq + distance].some((seq) => seq > 0 && hashOf({ ...link, seq }) === link.hash)) return true;
  }
  return false;
}
