import { createMatchWeigher, fitMatchModel, newMatchTally, stableId, type MatchModel } from '@firsthand/domain';
import type { Clock, ConfigurationSource, WorkspaceConfiguration } from '../ports/configuration.js';
import { FenceLost } from '../ports/store.js';
import { measureBlocks, suggestFromBlocks, tallyBlocks } from './compare-blocks.js';
import { indexPeople } from './index-people.js';
import type { MatchContext } from './may-match.js';
import type { MatchLease, MatchRunRow } from './match-rows.js';
import type { MatchStore } from './match-store.js';
import type { ReadOptions } from './read-people.js';

export interface MatchWorkerOptions extends ReadOptions {
  matches: MatchStore;
  configuration: ConfigurationSource;
  clock: Clock;
  /** Unique to this process. */
  holder: string;
  /** Whether others need the machine and the store: a run then waits. */
  isBusy(): Promise<boolean>;
  /** Parts of one workspace's run until the next tick. */
  maxParts?: number;
}

export interface MatchWorker {
  /** Goes on with the run of each workspace that has turned matching on and that nobody else is at. */
  tick(workspaceIds: readonly string[]): Promise<void>;
}

const LEASE_MS = 60_000;
const MAX_PARTS = 5;
const HOUR_MS = 3_600_000;

/**
 * Looks for profiles that may be one person's, a part at a time: people to keys, the sizes of blocks, the pairs of each block by how alike they are, the model, then each pair again for how likely it is.
 * Every part writes down with its work how far it came, so that a crash leaves nothing out and counts nothing twice. Nothing is decided: what it finds waits for a person.
 *
 * @example repeat(() => worker.tick(configuration.workspaceIds()), { name: 'matching', everyMs: 1_000, logger, onFailure })
 */
export function createMatchWorker(options: MatchWorkerOptions): MatchWorker {
  const { matches, configuration, clock, holder, isBusy, maxParts = MAX_PARTS } = options;
  /** Workspaces that are known to have matching off and nothing left of it. */
  const off = new Set<string>();

  async function goOn(lease: MatchLease, own: WorkspaceConfiguration): Promise<void> {
    let row = begin(lease.row, own, clock());
    if (row !== lease.row) await matches.save(lease, row, clock() + LEASE_MS);
    for (let parts = 0; row.step !== null && parts < maxParts; parts += 1) row = await work({ ...lease, row }, { configuration: own, now: clock() }, options);
    await matches.save(lease, row, null);
  }

  async function visit(workspaceId: string): Promise<void> {
    const own = configuration.workspace(workspaceId);
    if (own.matching === undefined) {
      if (!off.has(workspaceId)) await matches.turnOff(workspaceId, clock());
      off.add(workspaceId);
      return;
    }
    off.delete(workspaceId);
    const row = await matches.find(workspaceId);
    if (row !== undefined && begin(row, own, clock()) === row && row.step === null) return;
    if (await isBusy()) return;
    const lease = await matches.claim({ workspaceId, now: clock(), until: clock() + LEASE_MS, holder });
    if (lease !== null) await goOn(lease, own);
  }

  return {
    async tick(workspaceIds) {
      const failures: unknown[] = [];
      for (const workspaceId of workspaceIds) {
        try {
          await visit(workspaceId);
        } catch (error) {
          // Another worker is at it.
          if (!(error instanceof FenceLost)) failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** The row of a workspace that was never matched. */
export function newMatchRun(workspaceId: string): MatchRunRow {
  return {
    workspaceId, by: '', runId: '', step: null, cursor: null, startedAt: 0, dueAt: 0, tally: newMatchTally(), model: null, fit: null,
    counts: { people: 0, withheld: 0, blocks: 0, skippedBlocks: 0, pairs: 0, suggested: 0 }, last: null,
  };
}

/** The row as it goes on: begun anew when it is due, or the settings are others. */
function begin(row: MatchRunRow, { matching, purposes }: WorkspaceConfiguration, now: number): MatchRunRow {
  const purpose = matching === undefined ? undefined : purposes.get(matching.purpose);
  const by = stableId(row.workspaceId, JSON.stringify([matching?.purpose, matching?.atLeast, purpose?.fields]));
  if (row.step !== null || (row.by === by && row.dueAt > now)) return row;
  return { ...newMatchRun(row.workspaceId), by, runId: now.toString(36), step: 'index', startedAt: now, dueAt: row.dueAt, last: row.last };
}

async function work(lease: MatchLease, context: MatchContext, options: MatchWorkerOptions): Promise<MatchRunRow> {
  const { matches } = options;
  const { row } = lease;
  const until = context.now + LEASE_MS;
  if (row.step === 'index') {
    const page = await indexPeople(options, context, row);
    await matches.writeKeys(lease, page.row, page.keys, until);
    return page.row;
  }
  if (row.step === 'measure') {
    const page = await measureBlocks(options, row);
    await matches.writeSizes(lease, page.row, page.sizes, until);
    return page.row;
  }
  if (row.step === 'compare') {
    const next = fitted(await tallyBlocks(options, context, row));
    await matches.save(lease, next, until);
    return next;
  }
  if (row.step === 'suggest') {
    const page = await suggestFromBlocks(options, context, row, createMatchWeigher(row.model as MatchModel));
    await matches.suggest(lease, page.row, page.found, context.now, until);
    return page.row;
  }
  const isCleared = await matches.clear(lease, context.now, until);
  return isCleared ? finished(row, context) : row;
}

/** Once every pair was counted. */
function fitted(row: MatchRunRow): MatchRunRow {
  if (row.step !== 'suggest') return row;
  const { model, iterations, hasConverged } = fitMatchModel(row.tally);
  return { ...row, model, fit: { iterations, hasConverged } };
}

function finished(row: MatchRunRow, { configuration, now }: MatchContext): MatchRunRow {
  const { startedAt, counts, fit, model } = row;
  const last = model === null || fit === null ? row.last : { startedAt, finishedAt: now, counts, fit, model };
  return { ...row, step: null, cursor: null, last, tally: newMatchTally(), model: null, fit: null, dueAt: now + (configuration.matching?.everyHours ?? 24) * HOUR_MS };
}
