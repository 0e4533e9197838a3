import { comparePeople, sharedBlock, tallyPair } from '@firsthand/domain';
import type { MatchContext } from './may-match.js';
import type { MatchKeyRow, MatchRunRow } from './match-rows.js';
import type { MatchStore } from './match-store.js';
import { readPeople, type IndexedPerson, type ReadOptions } from './read-people.js';

const PAGE = 200;
/** Enough to know how often strangers agree; what they hardly ever agree in, the blocks show. */
const RANDOM_PAIRS = 50_000;

/** How far a part came, and what it adds to the index. */
export interface IndexedPage {
  row: MatchRunRow;
  keys: MatchKeyRow[];
}

/** Reads a page of people, gives their keys, and compares some of them who share none: profile ids are random, so two of a page met by chance. */
export async function indexPeople(options: ReadOptions & { matches: MatchStore }, context: MatchContext, row: MatchRunRow): Promise<IndexedPage> {
  const { workspaceId, cursor, counts, tally } = row;
  const ids = await options.matches.listProfileIds(workspaceId, cursor, PAGE);
  const people = [...(await readPeople(options, context, ids)).values()];
  const found = people.filter(({ keys }) => keys.length > 0);
  const isOver = ids.length < PAGE;
  return {
    keys: found.flatMap(({ keys, profileId }) => keys.map((key) => ({ key, profileId }))),
    row: {
      ...row, step: isOver ? 'measure' : 'index', cursor: isOver ? null : (ids.at(-1) as string),
      counts: { ...counts, people: counts.people + found.length, withheld: counts.withheld + ids.length - people.length },
      tally: { ...tally, people: tally.people + found.length, random: addRandom(tally.random, found) },
    },
  };
}

function addRandom(counts: Readonly<Record<string, number>>, people: readonly IndexedPerson[]): Record<string, number> {
  const sums = { ...counts };
  let left = RANDOM_PAIRS - Object.values(sums).reduce((sum, count) => sum + count, 0);
  for (let distance = 1; distance <= people.length / 2 && left > 0; distance += 1) {
    for (let at = 0; at + distance < people.length && left > 0; at += 2) {
      const [one, other] = [people[at] as IndexedPerson, people[at + distance] as IndexedPerson];
      if (sharedBlock(one.keys, other.keys, () => false) !== null) continue;
      tallyPair(sums, comparePeople(one.subject, other.subject));
      left -= 1;
    }
    // A few from each page, so that they come from everybody.
    if (distance === 5) break;
  }
  return sums;
}
