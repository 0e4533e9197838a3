import { groupBy } from '../group-by.js';
import type { Clock } from '../ports/configuration.js';
import type { InboxDocument } from '../ports/rows.js';
import type { InboxClaim } from '../ports/store.js';

/** Documents that a worker has taken, with the claim on them. */
export interface ClaimedDocuments {
  claim: InboxClaim;
  /** Epoch ms; beats prolong it. */
  until: number;
  documents: readonly InboxDocument[];
}

/**
 * The way from ingest to apply within one process: what has been stored is applied from memory, without a look at the store. The documents are
 * stored as claimed, so that no other worker takes them; when this process dies, the claim ends and another does.
 */
export class Intake {
  private readonly waiting: ClaimedDocuments[] = [];
  private records = 0;
  private isClosed = false;

  /** @param onTaken called when there is something to apply */
  constructor(private readonly options: { clock: Clock; leaseMs: number; maxRecords: number; newToken(): string; onTaken(): void }) {}

  /** A claim to store documents under; null when enough is waiting already, or the worker stops: then they are anybody's. */
  reserve(records: number): { token: string; until: number } | null {
    const { clock, leaseMs, maxRecords, newToken } = this.options;
    if (this.isClosed || this.records + records > maxRecords) return null;
    this.records += records;
    return { token: newToken(), until: clock() + leaseMs };
  }

  /** Gives back a reservation whose documents could not be stored. */
  cancel(records: number): void {
    this.records -= records;
  }

  /** Takes documents that were stored under a reservation. */
  take({ token, until }: { token: string; until: number }, documents: readonly InboxDocument[]): void {
    for (const own of groupBy(documents, ({ workspaceId }) => workspaceId).values()) {
      this.waiting.push({ claim: { token, inboxIds: own.map(({ inboxId }) => inboxId) }, until, documents: own });
    }
    this.options.onTaken();
  }

  /** The oldest that wait, of one workspace, up to so many records. */
  next(maxRecords: number): ClaimedDocuments[] {
    const batch: ClaimedDocuments[] = [];
    let sum = 0;
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      const size = countRecords(first.documents);
      const isOther = batch[0] !== undefined && batch[0].documents[0]?.workspaceId !== first.documents[0]?.workspaceId;
      if (isOther || (sum > 0 && sum + size > maxRecords)) break;
      batch.push(first);
      this.waiting.shift();
      sum += size;
    }
    this.records -= sum;
    return batch;
  }

  /** What waits, its claims to be prolonged. */
  claimed(): readonly ClaimedDocuments[] {
    return this.waiting;
  }

  /** Takes nothing more; what waits is still given out. */
  close(): void {
    this.isClosed = true;
  }
}

/** Records in these documents. */
export function countRecords(documents: readonly InboxDocument[]): number {
  return documents.reduce((sum, { records }) => sum + records.length, 0);
}
