import type { Ingest } from '../ingest/create-ingest.js';
import { compareListed, type CompareContext } from './compare-listed.js';
import { findMissing } from './find-missing.js';
import { listCopies, type ListCopiesOptions, type ListedPage } from './list-copies.js';
import { readCopies } from './read-copies.js';
import type { ReconcileLease, ReconcileRow } from './reconcile-rows.js';
import type { ReconcileStore } from './reconcile-store.js';
import { repairFindings } from './repair-findings.js';
import { settleCopies, takeCopies, type DecidedCopy } from './repair-listed.js';

/** What a step of a reconcile works with. */
export interface StepContext extends CompareContext, ListCopiesOptions {
  lease: ReconcileLease;
  reconciles: ReconcileStore;
  ingest: Ingest;
  /** Until when the lease is kept with what the step writes. */
  until: number;
}

/** How far it came. */
export interface Stepped {
  row: ReconcileRow;
  lanes: string[];
}

const PEOPLE_PER_PAGE = 200;
const FINDINGS_PER_PAGE = 100;
/** So often a list may fail, one time after the other: with the waits between them that is an hour and a half. */
const MAX_FAILURES = 10;

/** One part of a reconcile, where its row stands. What it finds or does is written with how far it came: a crash leaves nothing out and does nothing twice. */
export function stepOn(row: ReconcileRow, context: StepContext): Promise<Stepped> {
  switch (row.step) {
    case 'theirs': return compareTheirs(row, context);
    case 'ours': return lookForOurs(row, context);
    case 'repair': return repair(row, context);
    case 'again': return repairByTheirs(row, context);
    case 'clear': return clear(row, context);
  }
}

async function compareTheirs(row: ReconcileRow, context: StepContext): Promise<Stepped> {
  const { reconciles, lease, until, now, place, configuration } = context;
  const listed = await listCopies(place, row, context);
  if (!('page' in listed)) return wait(row, listed, context);
  const { copies, unreadable } = readCopies(listed.page.records, place, configuration, context);
  const next = atNextPage(row, listed.page.next, 'ours');
  return reconciles.transaction(async (tx) => {
    const { counts, findings, seen } = await compareListed(tx, row, copies, context);
    const moved: ReconcileRow = { ...next, unread: place.unread, counts: { ...counts, listed: counts.listed + unreadable, unreadable: counts.unreadable + unreadable } };
    await tx.writeReconcile(lease, moved, until);
    await tx.writeFindings(findings);
    await tx.markSeen(row, seen, now);
    return { row: moved, lanes: [] };
  });
}

function lookForOurs(row: ReconcileRow, context: StepContext): Promise<Stepped> {
  const { reconciles, lease, until } = context;
  return reconciles.transaction(async (tx) => {
    const ids = await tx.findProfileIds(row.workspaceId, row.cursor, PEOPLE_PER_PAGE);
    const { counts, findings } = await findMissing(tx, row, ids, context);
    const isOver = ids.length < PEOPLE_PER_PAGE;
    const moved: ReconcileRow = { ...row, counts, ...(isOver ? { step: 'repair', cursor: null } : { cursor: ids.at(-1) ?? null }) };
    await tx.writeReconcile(lease, moved, until);
    await tx.writeFindings(findings);
    return { row: moved, lanes: [] };
  });
}

async function repair(row: ReconcileRow, context: StepContext): Promise<Stepped> {
  const { reconciles, lease, until } = context;
  return reconciles.transaction(async (tx) => {
    const found = await tx.findDecided(row.reconcileId, ['write', 'remove', 'none'], row.cursor, FINDINGS_PER_PAGE);
    const { counts, findings, lanes } = await repairFindings(tx, row, found, context);
    const isOver = found.length < FINDINGS_PER_PAGE;
    const moved: ReconcileRow = { ...row, counts, ...(isOver ? { step: 'again', cursor: null } : { cursor: found.at(-1)?.findingId ?? null }) };
    await tx.writeReconcile(lease, moved, until);
    await tx.writeFindings(findings);
    return { row: moved, lanes };
  });
}

async function repairByTheirs(row: ReconcileRow, context: StepContext): Promise<Stepped> {
  const { reconciles, lease, until, now, place, configuration, ingest } = context;
  if (row.cursor === null && !(await reconciles.hasDecided(row.reconcileId, ['take', 'erase']))) return move(row, { step: 'clear', cursor: null }, context);
  const listed = await listCopies(place, row, context);
  if (!('page' in listed)) return wait(row, listed, context);
  const { copies } = readCopies(listed.page.records, place, configuration, context);
  const find = async (tx: Parameters<Parameters<ReconcileStore['transaction']>[0]>[0]): Promise<DecidedCopy[]> => {
    const found = new Map((await tx.findDecidedById(copies.map(({ key }) => `${row.reconcileId}|${key}`))).map((finding) => [finding.findingId, finding]));
    return copies.flatMap((copy) => {
      const finding = found.get(`${row.reconcileId}|${copy.key}`);
      return finding?.repair === 'take' || finding?.repair === 'erase' ? [{ copy, finding }] : [];
    });
  };
  // Journaled first, as a page of a poll is: after a crash in between it is taken in again, under the same message ids.
  const taken = await takeCopies(await reconciles.transaction(find), row, context, ingest);
  const isLast = listed.page.next === null;
  const settled = await reconciles.transaction(async (tx) => {
    const { counts, findings, lanes } = await settleCopies(tx, row, await find(tx), taken, context);
    const moved: ReconcileRow = { ...atNextPage(row, listed.page.next, 'again'), counts };
    await tx.writeReconcile(lease, moved, until);
    await tx.writeFindings(findings);
    return { row: moved, lanes };
  });
  if (!isLast) return settled;
  const gone = await reconciles.outdate(row.reconcileId, ['take', 'erase'], now);
  const { counts } = settled.row;
  return { ...(await move(settled.row, { step: 'clear', cursor: null, counts: { ...counts, outdated: counts.outdated + gone } }, context)), lanes: settled.lanes };
}

async function clear(row: ReconcileRow, context: StepContext): Promise<Stepped> {
  if (!(await context.reconciles.clearSeen(row.reconcileId))) return { row, lanes: [] };
  return move(row, { dueAt: null, end: { at: context.now, as: 'done' } }, context);
}

function atNextPage(row: ReconcileRow, next: string | null, after: ReconcileRow['step']): ReconcileRow {
  return { ...row, failures: 0, cursor: next, step: next === null ? after : row.step };
}

/** The list is asked for again where it stands. One that is refused, or fails for too long, ends the reconcile: what was found until then stays, and nobody is said to be missing. */
async function wait(row: ReconcileRow, listed: Exclude<ListedPage, { page: unknown }>, context: StepContext): Promise<Stepped> {
  if ('refusal' in listed) return move(row, { dueAt: null, end: { at: context.now, as: 'listing-refused', code: listed.refusal } }, context);
  const { waitMs, hasFailed } = listed;
  const failures = row.failures + (hasFailed ? 1 : 0);
  if (failures >= MAX_FAILURES) return move(row, { failures, dueAt: null, end: { at: context.now, as: 'listing-failed' } }, context);
  return move(row, { failures, dueAt: context.now + waitMs }, context);
}

async function move(row: ReconcileRow, change: Partial<ReconcileRow>, { reconciles, lease, until }: StepContext): Promise<Stepped> {
  const moved = { ...row, ...change };
  await reconciles.transaction((tx) => tx.writeReconcile(lease, moved, until));
  return { row: moved, lanes: [] };
}
