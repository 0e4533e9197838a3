import { comparePeople, LARGEST_BLOCK, sharedBlock, stableId, tallyPair, type MatchPattern, type MatchWeigher } from '@firsthand/domain';
import type { MatchContext } from './may-match.js';
import type { FoundMatch, MatchRunRow } from './match-rows.js';
import type { MatchStore } from './match-store.js';
import { readPeople, type IndexedPerson, type ReadOptions } from './read-people.js';
import { walkBlocks, type Block } from './walk-blocks.js';

const PAGE = 500;

type CompareOptions = ReadOptions & { matches: MatchStore };

/** Two people of one block. */
interface Pair {
  one: IndexedPerson;
  other: IndexedPerson;
  pattern: MatchPattern;
}

interface PairPage {
  pairs: Pair[];
  sizes: ReadonlyMap<string, number>;
  next: string | null;
}

/** Notes the sizes of blocks: of those that are too large, and of common names. */
export async function measureBlocks({ matches }: Pick<CompareOptions, 'matches'>, row: MatchRunRow): Promise<{ row: MatchRunRow; sizes: Map<string, number> }> {
  const { blocks, next } = await walkBlocks(matches, row, 4 * PAGE);
  const shared = blocks.filter(({ size }) => size > 1);
  const sizes = new Map(shared.filter(({ key, size }) => size > LARGEST_BLOCK || (isName(key) && size > 2)).map(({ key, size }) => [key, size]));
  const namesakes = shared.reduce((sum, { key, size }) => sum + (isName(key) ? (size * (size - 1)) / 2 : 0), row.tally.namesakes);
  const counts = { ...row.counts, blocks: row.counts.blocks + shared.length, skippedBlocks: row.counts.skippedBlocks + shared.filter(({ size }) => size > LARGEST_BLOCK).length };
  return { sizes, row: { ...row, counts, tally: { ...row.tally, namesakes }, step: next === null ? 'compare' : 'measure', cursor: next } };
}

/** Counts the patterns of a page of pairs. */
export async function tallyBlocks(options: CompareOptions, context: MatchContext, row: MatchRunRow): Promise<MatchRunRow> {
  const { pairs, next } = await comparePage(options, context, row);
  const candidates = { ...row.tally.candidates };
  for (const { pattern } of pairs) tallyPair(candidates, pattern);
  return { ...row, tally: { ...row.tally, candidates }, counts: { ...row.counts, pairs: row.counts.pairs + pairs.length }, step: next === null ? 'suggest' : 'compare', cursor: next };
}

/** The pairs of a page that are alike enough. */
export async function suggestFromBlocks(options: CompareOptions, context: MatchContext, row: MatchRunRow, weigh: MatchWeigher): Promise<{ row: MatchRunRow; found: FoundMatch[] }> {
  const { pairs, sizes, next } = await comparePage(options, context, row);
  const atLeast = context.configuration.matching?.atLeast ?? 1;
  const found = pairs.flatMap(({ one, other, pattern }): FoundMatch[] => {
    const { probability, rival, weights } = weigh(pattern, namesakeShare(one, sizes, row));
    if (probability < atLeast) return [];
    const [first, second] = [one.profileId, other.profileId].sort() as [string, string];
    return [{ suggestionId: suggestionIdOf(row.workspaceId, first, second), profileIds: [first, second], probability, rival, weights }];
  });
  return { found, row: { ...row, counts: { ...row.counts, suggested: row.counts.suggested + found.length }, step: next === null ? 'clear' : 'suggest', cursor: next } };
}

/** @param first the smaller of both profile ids */
export function suggestionIdOf(workspaceId: string, first: string, second: string): string {
  return `${workspaceId}|${stableId(workspaceId, 'match', first, second)}`;
}

async function comparePage(options: CompareOptions, context: MatchContext, row: MatchRunRow): Promise<PairPage> {
  const { blocks, next } = await walkBlocks(options.matches, row, PAGE);
  const small = blocks.filter(({ size }) => size > 1 && size <= LARGEST_BLOCK);
  const people = await readPeople(options, context, [...new Set(small.flatMap(({ profileIds }) => profileIds))]);
  const sizes = await options.matches.findSizes(row, [...new Set([...people.values()].flatMap(({ keys }) => keys))]);
  const isSkipped = (key: string): boolean => (sizes.get(key) ?? 0) > LARGEST_BLOCK;
  return { pairs: small.flatMap((block) => pairsOf(block, people, isSkipped)), sizes, next };
}

function pairsOf({ key, profileIds }: Block, people: ReadonlyMap<string, IndexedPerson>, isSkipped: (key: string) => boolean): Pair[] {
  // Whoever has changed since is compared by what they share now.
  const members = profileIds.flatMap((id) => people.get(id) ?? []);
  return members.flatMap((one, at) => members.slice(at + 1).flatMap((other) => (
    sharedBlock(one.keys, other.keys, isSkipped) === key ? [{ one, other, pattern: comparePeople(one.subject, other.subject) }] : [])));
}

/** How likely a third person has the name that two share. A size that was not noted is of these two alone. */
function namesakeShare({ nameKey }: IndexedPerson, sizes: ReadonlyMap<string, number>, { tally }: MatchRunRow): number | null {
  return nameKey === null || tally.people < 2 ? null : ((sizes.get(nameKey) ?? 2) - 1) / (tally.people - 1);
}

function isName(key: string): boolean {
  return key.startsWith('n');
}
