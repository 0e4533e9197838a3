import type { MatchRunRow } from './match-rows.js';
import type { MatchStore } from './match-store.js';

/** People who share a key. */
export interface Block {
  key: string;
  /** Empty where they are more than a page. */
  profileIds: string[];
  size: number;
}

/** Whole blocks, and where the next ones begin; null after the last. */
export interface BlockPage {
  blocks: Block[];
  next: string | null;
}

/** Sorts after every place of a key: `}` comes after `|`. */
const PAST = '}';

/** Reads the next whole blocks of a run's index. Never more than a page of it is in memory. */
export async function walkBlocks(matches: Pick<MatchStore, 'readKeys' | 'countKey'>, row: MatchRunRow, limit: number): Promise<BlockPage> {
  const rows = await matches.readKeys(row, row.cursor, limit);
  const members = new Map<string, string[]>();
  for (const { key, profileId } of rows) members.set(key, [...(members.get(key) ?? []), profileId]);
  const blocks = [...members].map(([key, profileIds]): Block => ({ key, profileIds, size: profileIds.length }));
  if (rows.length < limit) return { blocks, next: null };
  const last = blocks.at(-1) as Block;
  if (blocks.length === 1) return { blocks: [{ key: last.key, profileIds: [], size: await matches.countKey(row, last.key) }], next: `${last.key}${PAST}` };
  // The last one may go on behind the page.
  const whole = blocks.slice(0, -1);
  return { blocks: whole, next: `${(whole.at(-1) as Block).key}${PAST}` };
}
