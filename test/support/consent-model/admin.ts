import { reviewIdentityLink, settleIdentityLinks, unmergePerson, type MergeRow, type Store, type UnmergeOptions, type WorkspaceConfiguration } from '@firsthand/pipeline';
import type { LedgerModel } from './ledger-model.js';
import type { Attempt, Process } from './process.js';
import type { Link } from './recorded.js';
import { TOMBSTONES, type Backend } from './world.js';

/** Where an admin decides who is one person. */
export interface AdminWorld {
  readonly backend: Pick<Backend, 'store' | 'workspaceId'>;
  readonly configuration: WorkspaceConfiguration;
  readonly now: number;
  readonly model: Pick<LedgerModel, 'recorded' | 'erasedAt' | 'isSamePerson'>;
  /** Told of a process' commits. */
  readonly onCommitted: Map<Process, (attempt: Attempt) => void>;
  newFront(): { process: Process; store: Store };
  shared(store: Store): Omit<UnmergeOptions, 'tombstones'> & { newId(): string };
  tolerate(process: Process, work: Promise<unknown>): Promise<void>;
}

/** Passes over what is refused: somebody was erased since, or was made one with another. */
export const unless = (...codes: string[]) => (error: unknown): void => { if (!codes.includes((error as { code?: string }).code ?? '')) throw error; };

/**
 * An admin takes a merge back, where the product lets it be. Gives whether there are still two to be told apart: who was known by an address alone that was another's is nobody any more.
 *
 * @param taken told at the commit
 */
export async function takeMergeBack(world: AdminWorld, { workspaceId, loser }: MergeRow, taken: () => void = () => undefined): Promise<boolean> {
  const names = await world.backend.store.transaction(async (tx) => {
    // As the journal has both now: who was told apart from either since is no part of them any more. By what they have left of before: an address may have been found to be another's.
    const before = (await tx.findMerge(workspaceId, loser))?.before;
    return before === undefined ? [] : Promise.all([before.winner, before.loser].map(async ({ profileId, mergedFrom }) => (await tx.findIdentityKeys(workspaceId, [profileId, ...mergedFrom])).sort().at(-1)));
  });
  const [winner, theirs] = names;
  if (winner === undefined || theirs === undefined) return false;
  const { process, store } = world.newFront();
  world.onCommitted.set(process, ({ startedAt }) => {
    taken();
    world.model.recorded.push({ kind: 'unmerge', winner, loser: theirs, recordedAt: startedAt });
  });
  await world.tolerate(process, unmergePerson({ workspaceId, loser }, { ...world.shared(store), tombstones: TOMBSTONES }).catch(unless('NOT_FOUND', 'MERGE_NOT_UNDOABLE')));
  world.onCommitted.delete(process);
  return true;
}

/**
 * An admin takes what the review of a link says that was held.
 *
 * @param keys of everybody whom there is
 * @param pick the so manieth of the links that wait
 * @param taken told at the commit, with what was joined and what gave way
 */
export async function takeReview(world: AdminWorld, keys: readonly string[], pick: number, taken: (settled: Record<'joins' | 'givesWay', Link[]>) => void = () => undefined): Promise<void> {
  const { backend: { store, workspaceId }, configuration, now } = world;
  const seen = await store.snapshot(async (tx) => {
    const held = (await tx.findIdentityLinksOf(workspaceId, keys, 100)).filter(({ state }) => state === 'pending').sort((one, other) => (one.linkId < other.linkId ? -1 : 1));
    const row = held[pick % Math.max(1, held.length)];
    return row === undefined ? undefined : { linkId: row.linkId, version: (await reviewIdentityLink(tx, row, { configuration, now }))?.version };
  });
  if (seen?.version === undefined) return;
  const { linkId, version } = seen;
  const { process, store: own } = world.newFront();
  world.onCommitted.set(process, ({ startedAt, links }) => {
    const settled = { joins: links.filter(({ state }) => state === 'accepted').map((link) => link.keys), givesWay: links.filter(({ state }) => state === 'pending').map((link) => link.keys) };
    // Asked again, or by who had nothing to say, it changes nothing.
    if (links.length === 0) return;
    taken(settled);
    world.model.recorded.push({ kind: 'settlement', ...settled, recordedAt: startedAt });
  });
  await world.tolerate(process, settleIdentityLinks({ workspaceId, linkId, version }, { ...world.shared(own), tombstones: TOMBSTONES }).catch(unless('NOT_FOUND')));
  world.onCommitted.delete(process);
}

/** Who of these is one person here and should not be, or the other way round, by all that was said, held and decided. */
export async function notOne({ backend: { store, workspaceId }, model }: Pick<AdminWorld, 'backend' | 'model'>, all: readonly string[]): Promise<string[]> {
  const keys = all.filter((key) => model.erasedAt(key) === null);
  const owners = await store.transaction(async (tx) => {
    const given = await tx.findIdentities(workspaceId, keys);
    const people = await tx.findProfiles(workspaceId, [...new Set(given.values())]);
    return new Map([...given].map(([key, profileId]) => [key, people.get(profileId)?.profileId]));
  });
  return keys.flatMap((one, index) => keys.slice(index + 1).flatMap((other) => {
    const isOne = owners.get(one) !== undefined && owners.get(one) === owners.get(other);
    return isOne === model.isSamePerson(one, other) ? [] : [`${one} and ${other} are ${isOne ? '' : 'not '}one person`];
  }));
}
