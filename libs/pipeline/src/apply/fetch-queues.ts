import { countRecords, type ClaimedDocuments } from '../ingest/intake.js';

export interface FetchQueuesOptions {
  /** Of one call to `work`. */
  maxRecords: number;
  /** Of one queue. */
  maxWaitingRecords: number;
  maxQueues: number;
  /** Never throws. */
  work(claimed: readonly ClaimedDocuments[]): Promise<void>;
  /** Starts the run of a queue, and prolongs what it holds meanwhile. */
  begin(run: () => Promise<void>, held: () => readonly ClaimedDocuments[]): void;
  giveBack(claimed: readonly ClaimedDocuments[]): Promise<void>;
}

interface Queue {
  current: readonly ClaimedDocuments[];
  waiting: ClaimedDocuments[];
}

/** Documents that wait for a vendor, in a queue for each connection: one call at a time for each, and the queues beside each other. */
export class FetchQueues {
  private readonly queues = new Map<string, Queue>();
  private isStopped = false;

  constructor(private readonly options: FetchQueuesOptions) {}

  /** False when as much is waiting as may. */
  add(key: string, claimed: ClaimedDocuments): boolean {
    const { maxWaitingRecords, maxQueues, begin } = this.options;
    const queue = this.queues.get(key);
    if (this.isStopped) return false;
    if (queue !== undefined) {
      if (sizeOf([...queue.current, ...queue.waiting, claimed]) > maxWaitingRecords) return false;
      queue.waiting.push(claimed);
      return true;
    }
    if (this.queues.size >= maxQueues) return false;
    const begun: Queue = { current: [], waiting: [claimed] };
    this.queues.set(key, begun);
    begin(() => this.run(key, begun), () => [...begun.current, ...begun.waiting]);
    return true;
  }

  /** Gives back what no call has been made for, and takes nothing more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const queue of this.queues.values()) await this.options.giveBack(queue.waiting.splice(0));
  }

  private async run(key: string, queue: Queue): Promise<void> {
    while (queue.waiting.length > 0) {
      let count = 1;
      while (count < queue.waiting.length && sizeOf(queue.waiting.slice(0, count + 1)) <= this.options.maxRecords) count += 1;
      queue.current = queue.waiting.splice(0, count);
      await this.options.work(queue.current);
      queue.current = [];
    }
    this.queues.delete(key);
  }
}

function sizeOf(claimed: readonly ClaimedDocuments[]): number {
  return claimed.reduce((sum, { documents }) => sum + countRecords(documents), 0);
}
