import { FirsthandError } from '@firsthand/domain';
import type { InboxDocument, InboxRecord, InboxStore } from '../ports/index.js';
import type { Intake } from './intake.js';

/** Records of one request, bound for one workspace, with their partitions. */
export interface CommitRequest {
  workspaceId: string;
  receivedAt: number;
  records: readonly { partition: number; record: InboxRecord }[];
  /** Approximate size, for the limits. */
  bytes: number;
}

interface Waiting extends CommitRequest {
  resolve(): void;
  reject(error: unknown): void;
}

export interface GroupCommitOptions {
  inbox: InboxStore;
  newId(): string;
  /** Called once per durable flush of which something is left for any worker. */
  onCommitted(): void;
  /** The worker of this process, if it has one. */
  intake?: Intake | undefined;
  maxRecords?: number;
  maxBytes?: number;
  /** Refuse to buffer more than this: the caller answers 503 and loses nothing. */
  maxBufferedBytes?: number;
}

/**
 * Requests that come together share a write. While one write is under way the next group gathers, so that a lone request waits for no
 * timer and a crowd shares a journal flush. One flush is one `append` with one document per workspace and partition.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private bufferedBytes = 0;
  private flushing: Promise<void> | null = null;

  constructor(private readonly options: GroupCommitOptions) {}

  /** Resolves when every record is journaled. Throws FirsthandError UNAVAILABLE when it could not be. */
  commit(request: CommitRequest): Promise<void> {
    if (this.bufferedBytes + request.bytes > (this.options.maxBufferedBytes ?? 64 * 1024 * 1024)) {
      return Promise.reject(new FirsthandError('UNAVAILABLE', 'Too much is waiting to be stored.', [], { retryAfterSeconds: 1 }));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...request, resolve, reject });
      this.bufferedBytes += request.bytes;
      this.flushing ??= this.run();
    });
  }

  /** Waits until all that was handed over is settled. */
  async drained(): Promise<void> {
    while (this.flushing !== null) await this.flushing;
  }

  private async run(): Promise<void> {
    // One turn of the event loop: requests whose bytes came in together are parsed together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) await this.flush(this.takeGroup());
    this.flushing = null;
  }

  private takeGroup(): Waiting[] {
    const { maxRecords = 500, maxBytes = 4 * 1024 * 1024 } = this.options;
    let records = 0;
    let bytes = 0;
    let count = 0;
    for (const request of this.waiting) {
      if (count > 0 && (records + request.records.length > maxRecords || bytes + request.bytes > maxBytes)) break;
      records += request.records.length;
      bytes += request.bytes;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** Hands what is ready over to the worker of this process, as long as it keeps up; the rest is anybody's. An import would take its whole room. */
  private async store(documents: readonly InboxDocument[]): Promise<void> {
    const { inbox, intake, onCommitted } = this.options;
    const ready = documents.filter(isReady);
    const count = ready.reduce((sum, { records }) => sum + records.length, 0);
    const claim = count === 0 ? null : (intake?.reserve(count) ?? null);
    if (claim === null) {
      await inbox.append(documents);
      return onCommitted();
    }
    try {
      await inbox.append(documents.map((document) => (isReady(document) ? { ...document, claim } : document)));
    } catch (error) {
      intake?.cancel(count);
      throw error;
    }
    intake?.take(claim, ready);
    if (ready.length < documents.length) onCommitted();
  }

  private async flush(group: readonly Waiting[]): Promise<void> {
    try {
      await this.store(toDocuments(group, this.options.newId));
      for (const request of group) request.resolve();
    } catch (error) {
      for (const request of group) request.reject(error);
      // What gathered meanwhile has waited for this write and would wait as long again: its sender is told now, and sends again.
      for (const request of this.waiting.splice(0)) {
        request.reject(error);
        this.bufferedBytes -= request.bytes;
      }
    } finally {
      for (const request of group) this.bufferedBytes -= request.bytes;
    }
  }
}

/** Records that a vendor has to complete first wait for it in documents of their own: nobody waits along with them. */
export function isThin({ records }: InboxDocument): boolean {
  return records.some(({ needsFetch }) => needsFetch === true);
}

/** Imports stand apart, so that what happens now is applied before them. */
export function isImported({ records }: Pick<InboxDocument, 'records'>): boolean {
  return records.every(({ isImport }) => isImport);
}

function isReady(document: InboxDocument): boolean {
  return !isThin(document) && !isImported(document);
}

function toDocuments(group: readonly Waiting[], newId: () => string): InboxDocument[] {
  const documents = new Map<string, InboxDocument>();
  for (const { workspaceId, receivedAt, records } of group) {
    for (const { partition, record } of records) {
      const key = record.needsFetch === true ? `${workspaceId}|fetch|${record.connectionId}` : `${workspaceId}|${partition}|${record.isImport}`;
      let document = documents.get(key);
      if (document === undefined) {
        document = { inboxId: `${workspaceId}|${newId()}`, workspaceId, partition, receivedAt, records: [], attempt: 0 };
        documents.set(key, document);
      }
      document.records.push(record);
    }
  }
  return [...documents.values()];
}
