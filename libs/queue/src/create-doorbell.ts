import { randomUUID } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import { Queue, Worker, type Job } from 'bullmq';
import { coalescedRing } from './coalesced-ring.js';
import type { Lane } from '@firsthand/pipeline';
import type { DoorbellHost, DoorbellLog } from './doorbell-host.js';
import { staleRings } from './stale-rings.js';
import { isWithin } from './is-within.js';
import { openValkeyClients } from './valkey-clients.js';

const APPLY = 'apply';
/** A run may be long: the lock is renewed at half of this for as long as the process lives, and ends this long after it has died. */
const LOCK_MS = 30_000;
const CLOSE_TIMEOUT_MS = 5_000;
const DISCONNECT_TIMEOUT_MS = 1_000;

/** What a job carries: ids, and who rang. */
interface RingData {
  ringer: string;
  workspaceId?: string;
  connectionId?: string;
}

/**
 * The doorbell over BullMQ: the queue `apply`, and one queue with a worker of its own per open lane, `deliver.<workspaceId>.<connectionId>`.
 * A ring carries ids only and may be lost (Valkey away, flushed): the rows in the store are the truth, and the sweep rings for them again. A ring that Valkey
 * does not take, away or full, is answered by the process that rings, if the queue is worked there.
 * Ringing never blocks, never throws, and costs at most one job at a time per process and queue.
 *
 * @param options.prefix of every key in Valkey
 * @param options.applyConcurrency runs of the apply handler at once in this process; 2 when left out
 * @example
 * const doorbell = createDoorbell({ redisUrl, prefix: 'firsthand', log });
 * doorbell.onApply(() => drainInbox());
 * doorbell.ringApply();
 */
export function createDoorbell({ redisUrl, prefix, log, applyConcurrency = 2 }: {
  redisUrl: string;
  prefix: string;
  log: DoorbellLog;
  applyConcurrency?: number;
}): DoorbellHost {
  const self = randomUUID();
  const { producer, consumer, disconnect } = openValkeyClients(redisUrl, log);
  const bells = new Map<string, { queue: Queue<RingData>; ring: () => void }>();
  const workers = new Map<string, Worker<RingData>>();
  const handlers = new Map<string, (data: RingData) => Promise<void>>();
  /** Queues whose rings this process answers without Valkey at this moment. */
  const answeringHere = new Set<string>();
  let answerLane: ((lane: Lane) => Promise<void>) | undefined;
  let isClosing = false;

  /** Made at the first ring; it keeps no connection of its own. */
  const bell = (name: string, lane?: Lane) => {
    const known = bells.get(name);
    if (known) return known;
    const queue = new Queue<RingData>(name, { connection: producer, prefix, skipVersionCheck: true, skipWaitingForReady: true, skipMetasUpdate: true });
    queue.on('error', () => undefined);
    const data: RingData = { ringer: self, ...lane };
    const made = {
      queue,
      // A failure is the outage that the client reports, or a Valkey that is full.
      ring: coalescedRing(() => queue.add('ring', data, { removeOnComplete: true, removeOnFail: true }).then(() => undefined, () => { void answerHere(name, data); })),
    };
    bells.set(name, made);
    return made;
  };

  const run = async (name: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      log.warn({ queue: name, error: codeOf(error) }, 'A worker run failed; the sweep rings again');
    }
  };

  /** What Valkey does not take is answered by the process that rings, if it works there: its sweep rings each second for whatever is due. */
  const answerHere = async (name: string, data: RingData) => {
    const handler = handlers.get(name);
    if (handler === undefined || isClosing || answeringHere.has(name)) return;
    answeringHere.add(name);
    await run(name, () => handler(data));
    answeringHere.delete(name);
  };

  const answer = (name: string, concurrency: number, handler: (data: RingData) => Promise<void>) => {
    const rings = staleRings(self);
    const process = async ({ timestamp, data }: Job<RingData>) => {
      if (isClosing || rings.isStale({ timestamp, ringer: data.ringer })) return;
      await run(name, () => rings.during(() => handler(data)));
    };
    const worker = new Worker<RingData>(name, process, {
      connection: consumer, prefix, concurrency, lockDuration: LOCK_MS, stalledInterval: LOCK_MS, skipVersionCheck: true,
      removeOnComplete: { count: 0 }, removeOnFail: { count: 0 },
    });
    // Lost connections and lost locks: the first is reported once by the client, the second costs a needless run.
    worker.on('error', () => undefined);
    workers.set(name, worker);
    handlers.set(name, handler);
  };

  const closeWorker = async (name: string) => {
    const worker = workers.get(name);
    workers.delete(name);
    handlers.delete(name);
    if (!worker || (await isWithin(CLOSE_TIMEOUT_MS, worker.close()))) return;
    // Without Valkey a worker cannot hand its job back and would wait, and keep its connection, for ever.
    await isWithin(DISCONNECT_TIMEOUT_MS, worker.disconnect());
  };

  return {
    ringApply: () => { if (!isClosing) bell(APPLY).ring(); },
    ringLane: ({ workspaceId, connectionId }) => { if (!isClosing) bell(laneQueue({ workspaceId, connectionId }), { workspaceId, connectionId }).ring(); },
    onApply: (handler) => answer(APPLY, applyConcurrency, handler),
    onLane(handler) { answerLane = handler; },
    openLane({ workspaceId, connectionId }) {
      const name = laneQueue({ workspaceId, connectionId });
      if (workers.has(name) || isClosing) return;
      const handler = answerLane;
      if (!handler) throw new FirsthandError('INTERNAL', 'A lane was opened before onLane.');
      answer(name, 1, () => handler({ workspaceId, connectionId }));
    },
    closeLane: (lane) => closeWorker(laneQueue(lane)),
    async ping() {
      // The client's own command timeout ends it.
      await producer.ping().catch(() => { throw new FirsthandError('UNAVAILABLE', 'Valkey does not answer.', [], { retryAfterSeconds: 1 }); });
    },
    async close() {
      if (isClosing) return;
      isClosing = true;
      await Promise.all([...workers.keys()].map(closeWorker));
      await Promise.all([...bells.values()].map(({ queue }) => queue.close().catch(() => undefined)));
      disconnect();
    },
  };
}

/** Ids have no dots. */
function laneQueue({ workspaceId, connectionId }: Lane): string {
  return `deliver.${workspaceId}.${connectionId}`;
}

/** Messages may quote data; names and codes do not. */
function codeOf(error: unknown): string {
  if (error instanceof FirsthandError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
