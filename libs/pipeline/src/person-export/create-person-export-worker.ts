import type { Clock } from '../ports/configuration.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import { FenceLost } from '../ports/store.js';
import { EXPORT_FORMATS, type ExportedFile, type ExportFormat, type PersonExportRow, type PersonExportStore } from './person-export-store.js';

/** A worker that died is waited for this long. Each chunk prolongs it. */
export const EXPORT_LEASE_MS = 60_000;
const RETRY_MS = 30_000;
/** What fails so often does so by itself, and is told to who asked. */
const MOST_ATTEMPTS = 5;

export interface PersonExportWorkerOptions {
  exports: PersonExportStore;
  /** Writes one file about one person, piece by piece. */
  write(row: PersonExportRow, format: ExportFormat): AsyncIterable<string>;
  /** Makes it known to who asked that the files are there, and gives what is to be noted. It may come twice, after a crash. */
  announce(row: PersonExportRow): Promise<Partial<Pick<PersonExportRow, 'linkHash' | 'noticedAt'>>>;
  clock: Clock;
  log: PipelineLog;
}

/**
 * Makes the copies of people's data that were asked for. A copy whose worker died is begun anew by the next one, under a higher fence, so that no file is half of one
 * and half of another; a person who is erased meanwhile gets none.
 *
 * @example repeat(() => worker.tick(), { name: 'person-exports', everyMs: 1_000, logger, onFailure })
 */
export function createPersonExportWorker({ exports, write, announce, clock, log }: PersonExportWorkerOptions): { tick(): Promise<void>; stop(): void } {
  let isStopping = false;
  const until = (): number => clock() + EXPORT_LEASE_MS;

  /** A large copy would hold up the end of the process: it is given back, and begun anew by another. */
  async function* whileRunning(texts: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const text of texts) {
      if (isStopping) throw new FenceLost('The process ends.');
      yield text;
    }
  }

  async function make(row: PersonExportRow): Promise<void> {
    const files: ExportedFile[] = [];
    for (const format of EXPORT_FORMATS) files.push({ format, ...(await exports.writeFile(row, format, whileRunning(write(row, format)), until)), fence: row.fence, takenUntil: 0, fetchedAt: null });
    // Due once more: to be announced, whatever becomes of this process.
    await exports.settle(row, { state: 'ready', files, dueAt: clock() });
  }

  async function work(row: PersonExportRow): Promise<void> {
    try {
      if (row.state === 'pending') await make(row);
      else await exports.settle(row, { dueAt: null, ...(await announce(row)) });
    } catch (error) {
      if (isStopping) return await giveBack(row, { dueAt: clock(), attempt: row.attempt - 1 });
      // Another worker has it, or the person was erased.
      if (error instanceof FenceLost) return;
      const isOver = row.attempt >= MOST_ATTEMPTS;
      log.warn({ exportId: row.exportId, attempt: row.attempt, err: error instanceof Error ? error.name : 'unknown' }, isOver ? 'A copy of a person’s data could not be made.' : 'A copy of a person’s data is tried again.');
      await giveBack(row, isOver ? { ...(row.state === 'pending' ? { state: 'failed' } : {}), dueAt: null } : { dueAt: clock() + RETRY_MS });
    }
  }

  async function giveBack(row: PersonExportRow, change: Parameters<PersonExportStore['settle']>[1]): Promise<void> {
    await exports.settle(row, change).catch((lost: unknown) => {
      if (!(lost instanceof FenceLost)) throw lost;
    });
  }

  return {
    async tick() {
      while (!isStopping) {
        const row = await exports.take(clock(), until());
        if (row === null) return;
        await work(row);
      }
    },
    stop() {
      isStopping = true;
    },
  };
}
