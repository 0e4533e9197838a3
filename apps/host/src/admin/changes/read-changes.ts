import { FirsthandError } from '@firsthand/domain';
import type { ChangeKeeping, PersonChange } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { filterOf, type ChangeFilter, type ChangesPage, type ChangesQuery, type ChangeView } from './change-bodies.js';
import { decodeChangeCursor, encodeChangeCursor } from './change-cursor.js';
import { viewChanges, type PlacedChange } from './view-changes.js';

/** Transactions that a page looks through at most, whatever it finds: a filter that finds little must not read for minutes. */
const MAX_BLOCKS = 50;
/** Until every process knows that changes are kept: its configuration is a second old at most. */
const SETTLES_WITHIN_MS = 2_000;

export type ChangeReader = Pick<AdminContext, 'changes' | 'collections' | 'configuration' | 'clock'>;

/** Changes after a number, and how far they were looked through. */
export interface ReadChanges {
  items: ChangeView[];
  after: number;
  isAtEnd: boolean;
}

/** One page. @throws FirsthandError `CHANGES_NOT_KEPT`, `CHANGES_EXPIRED`, `INVALID_REQUEST` */
export async function readChangesPage(admin: ChangeReader, caller: Caller, query: ChangesQuery): Promise<ChangesPage> {
  const keeping = keepingOf(admin, caller.workspaceId);
  const from = await placeOf(admin, caller.workspaceId, keeping, query.after ?? 'oldest');
  const { items, after, isAtEnd } = await readChanges(admin, caller, keeping, { after: from, limit: query.limit, filter: filterOf(query) });
  return { items, cursor: encodeChangeCursor(keeping, after), isAtEnd };
}

/** @throws FirsthandError `CHANGES_NOT_KEPT` where nobody has asked for it, or a moment ago */
export function keepingOf({ configuration, clock }: Pick<ChangeReader, 'configuration' | 'clock'>, workspaceId: string): ChangeKeeping {
  const keeping = configuration.workspace(workspaceId).changes;
  if (keeping === undefined) throw new FirsthandError('CHANGES_NOT_KEPT');
  if (clock() < keeping.since + SETTLES_WITHIN_MS) throw new FirsthandError('CHANGES_NOT_KEPT', 'It was switched on this moment: not every process knows yet.', [], { retryAfterSeconds: SETTLES_WITHIN_MS / 1_000 });
  return keeping;
}

/** The number after which a cursor goes on. @throws FirsthandError `INVALID_REQUEST`, `CHANGES_EXPIRED` for one of another time */
export async function placeOf({ changes }: Pick<ChangeReader, 'changes'>, workspaceId: string, keeping: ChangeKeeping, cursor: string): Promise<number> {
  if (cursor === 'now') return Math.max(keeping.startsAfter, await changes.last(workspaceId));
  if (cursor === 'oldest') return oldestOf({ changes }, workspaceId, keeping);
  const { since, after } = decodeChangeCursor(cursor);
  if (since !== keeping.since) throw await expired({ changes }, workspaceId, keeping);
  return after;
}

/**
 * Reads on after a number: some changes, or none yet.
 *
 * @throws FirsthandError `CHANGES_EXPIRED` where the next one is kept no longer
 */
export async function readChanges(admin: ChangeReader, caller: Caller, keeping: ChangeKeeping, { after, limit, filter }: { after: number; limit: number; filter: ChangeFilter }): Promise<ReadChanges> {
  const { workspaceId } = caller;
  // First where it ends: what comes meanwhile is no reason to believe that something was lost.
  const last = await admin.changes.last(workspaceId);
  if (after === last) return { items: [], after, isAtEnd: true };
  const blocks = after > last ? [] : await admin.changes.read(workspaceId, after, MAX_BLOCKS, filter.kinds === null && filter.person === null ? limit : undefined);
  if (blocks.length === 0) throw await expired(admin, workspaceId, keeping, after);
  const placed: PlacedChange[] = [];
  let seen = after;
  for (const block of blocks) {
    const first = block.last - block.changes.length + 1;
    for (const [index, change] of block.changes.entries()) {
      if (first + index <= after) continue;
      if (placed.length >= limit) break;
      seen = first + index;
      if (change !== null && isWanted(change, filter)) placed.push({ cursor: encodeChangeCursor(keeping, seen), at: block.at, change });
    }
  }
  return { items: await viewChanges(admin, caller, placed), after: seen, isAtEnd: seen >= last };
}

/** Where a reader goes on who has missed something, after a number as far as they know one. */
export async function oldestOf({ changes }: Pick<ChangeReader, 'changes'>, workspaceId: string, { startsAfter }: ChangeKeeping, after = 0): Promise<number> {
  return Math.max(startsAfter, await changes.oldest(workspaceId, after));
}

async function expired(admin: Pick<ChangeReader, 'changes'>, workspaceId: string, keeping: ChangeKeeping, after = 0): Promise<FirsthandError> {
  const oldest = encodeChangeCursor(keeping, await oldestOf(admin, workspaceId, keeping, after));
  return new FirsthandError('CHANGES_EXPIRED', 'Some changes after this cursor are kept no longer.', [{ path: '/oldest', message: oldest }]);
}

function isWanted(change: PersonChange, { kinds, person }: ChangeFilter): boolean {
  if (kinds !== null && !kinds.has(change.kind)) return false;
  return person === null || change.profileId === person || ('other' in change && change.other === person);
}
