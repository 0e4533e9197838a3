import { compileTracked, FirsthandError } from '@firsthand/domain';
import type { Clock, ConfigurationSource } from '../ports/configuration.js';
import { FenceLost } from '../ports/store.js';
import { afterPass, isRecounting } from './backfill.js';
import type { BackfillLease, BackfillSelection, BackfillStore } from './backfill-store.js';
import { revisePerson } from './revise-person.js';

export interface BackfillWorkerOptions {
  backfills: BackfillStore;
  configuration: ConfigurationSource;
  clock: Clock;
  /** Unique to this process. */
  holder: string;
  /** People per transaction. */
  pageSize?: number;
}

export interface BackfillWorker {
  /** Works on backfills until none is due. One call at a time. */
  tick(): Promise<void>;
  /** Finishes the page under way and gives the rest back. */
  stop(): void;
}

/** Every page prolongs it. A crash is taken up by others after this. */
const LEASE_MS = 30_000;
const PAGE_SIZE = 200;
/** Clocks of different machines may be this far apart. */
const CLOCK_SKEW_MS = 120_000;

/**
 * Works off the durable backfills: person by person, in one transaction per page, under a lease with a fence. A page reads a person's events
 * and writes their counters in the transaction that an apply of the same person conflicts with, so that what comes in meanwhile is counted
 * exactly once, whichever is first.
 *
 * @example repeat(() => worker.tick(), { name: 'backfill', everyMs: 1_000, logger, onFailure })
 */
export function createBackfillWorker({ backfills, configuration, clock, holder, pageSize = PAGE_SIZE }: BackfillWorkerOptions): BackfillWorker {
  let isStopped = false;

  async function runPass(lease: BackfillLease): Promise<void> {
    const { backfill, workspaceId } = lease;
    const startedAt = backfill.startedAt ?? clock();
    const recount = isRecounting(backfill, startedAt) ? compileTracked(backfill.counters) : null;
    const keys = backfill.counters.map(({ key }) => key);
    const visit = (selection: BackfillSelection) => {
      const now = clock();
      const workspace = configuration.workspace(workspaceId);
      return backfills.visit(lease, { selection, recount, startedAt, now, until: now + LEASE_MS }, (person) => revisePerson(person, keys, workspace, now));
    };

    let after = backfill.cursor;
    for (let isMore = true; isMore;) {
      if (isStopped) return backfills.save(lease, { ...backfill, startedAt, cursor: after });
      const { visited, last } = await visit({ after, limit: pageSize });
      after = last ?? after;
      isMore = visited === pageSize;
    }
    if (recount !== null) {
      // Who was visited may have taken in somebody who was not: their sum is counted anew.
      const merged = await backfills.findMergedSince(workspaceId, startedAt - CLOCK_SKEW_MS);
      for (let at = 0; at < merged.length; at += pageSize) {
        if (isStopped) return backfills.save(lease, { ...backfill, startedAt, cursor: after });
        await visit({ profileIds: merged.slice(at, at + pageSize) });
      }
    }
    const next = afterPass(backfill, startedAt, clock());
    return next === null ? backfills.finish(lease) : backfills.save(lease, next);
  }

  return {
    async tick() {
      while (!isStopped) {
        const now = clock();
        const lease = await backfills.claim({ now, until: now + LEASE_MS, holder });
        if (lease === null) return;
        try {
          await runPass(lease);
        } catch (error) {
          if (error instanceof FenceLost) continue;
          if (error instanceof FirsthandError && error.code === 'NOT_FOUND') await backfills.finish(lease);
          else throw error;
        }
      }
    },
    stop() {
      isStopped = true;
    },
  };
}
