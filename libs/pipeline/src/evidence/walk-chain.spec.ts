import fc from 'fast-check';
import { blockHash, chainBlock, GENESIS_HASH } from '../deliver/evidence-chain.js';
import type { EvidenceBlock, LaneLease } from '../ports/rows.js';
import { walkChain, type ChainAnchor } from './walk-chain.js';

/** A chain of so many blocks. */
function chainOf(length: number, name = 'crm'): EvidenceBlock[] {
  const lease: LaneLease = { workspaceId: 'w', connectionId: name, fence: 1, chainSeq: 0, chainHash: GENESIS_HASH };
  return Array.from({ length }, (_, index) => {
    const block = chainBlock(lease, 1_000 + index, { item: index }, [`d${index}`]);
    [lease.chainSeq, lease.chainHash] = [block.seq, block.hash];
    return block;
  });
}

const walk = (links: readonly EvidenceBlock[], anchors: ChainAnchor[] = []) => walkChain<EvidenceBlock>({ links, hashOf: blockHash, anchors });
/** With hashes made anew from a place on, as somebody would who can write to the database. */
function rehash(blocks: readonly EvidenceBlock[]): EvidenceBlock[] {
  let previousHash = GENESIS_HASH;
  return blocks.map((block, index) => {
    const again = { ...block, seq: index + 1, previousHash };
    previousHash = blockHash(again);
    return { ...again, hash: previousHash };
  });
}

const places = fc.integer({ min: 2, max: 12 }).chain((length) => fc.record({ length: fc.constant(length), at: fc.integer({ min: 0, max: length - 1 }) }));

describe('walking a chain', () => {
  it('finds nothing wrong with one that is whole, and gives its head', async () => {
    const blocks = chainOf(5);
    expect(await walk(blocks, [{ seq: 2, hash: blocks[1]!.hash }, { seq: 5, hash: blocks[4]!.hash }])).toEqual({ links: 5, head: { seq: 5, hash: blocks[4]!.hash }, fault: null });
    expect(await walk([])).toEqual({ links: 0, head: { seq: 0, hash: GENESIS_HASH }, fault: null });
  });

  it('names the link that was edited, at any place', () => fc.assert(fc.asyncProperty(places, async ({ length, at }) => {
    const blocks = chainOf(length);
    expect((await walk(blocks.with(at, { ...blocks[at]!, content: '{}' }))).fault).toEqual({ kind: 'edited', seq: at + 1 });
  })));

  it('names the link that was deleted, at any place but the end', () => fc.assert(fc.asyncProperty(places, async ({ length, at }) => {
    fc.pre(at < length - 1);
    expect((await walk(chainOf(length).toSpliced(at, 1))).fault).toEqual({ kind: 'missing', seq: at + 1 });
  })));

  it('names the first of two links that changed places', () => fc.assert(fc.asyncProperty(places, fc.nat(), async ({ length, at }, other) => {
    const to = other % length;
    fc.pre(to !== at);
    const blocks = chainOf(length);
    const swapped = blocks.with(at, { ...blocks[to]!, seq: at + 1 }).with(to, { ...blocks[at]!, seq: to + 1 });
    expect((await walk(swapped)).fault).toEqual({ kind: 'reordered', seq: Math.min(at, to) + 1 });
  })));

  it('names the link that was edited with a hash to match: the next one knows better', async () => {
    const blocks = chainOf(4);
    const edited = { ...blocks[1]!, content: '{}' };
    expect((await walk(blocks.with(1, { ...edited, hash: blockHash(edited) }))).fault).toEqual({ kind: 'rewritten', seq: 2 });
  });

  it('finds a cut tail up to the last anchor, and nothing after it', async () => {
    const blocks = chainOf(6);
    const anchors = [{ seq: 4, hash: blocks[3]!.hash }];
    expect((await walk(blocks.slice(0, 3), anchors)).fault).toEqual({ kind: 'cut', seq: 4 });
    expect((await walk([], anchors)).fault).toEqual({ kind: 'cut', seq: 1 });
    expect((await walk(blocks.slice(0, 4), anchors)).fault).toBeNull();
  });

  it('finds a chain that was rebuilt, between the last anchor that fits and the first that does not', async () => {
    const blocks = chainOf(6);
    const rebuilt = rehash(blocks.with(3, { ...blocks[3]!, content: '{}' }));
    expect((await walk(rebuilt)).fault).toBeNull();
    expect((await walk(rebuilt, [{ seq: 2, hash: blocks[1]!.hash }, { seq: 5, hash: blocks[4]!.hash }])).fault).toEqual({ kind: 'rebuilt', seq: 5, since: 3 });
  });
});
