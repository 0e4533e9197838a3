import { FirsthandError } from '@firsthand/domain';
import { RateLimited, RetryableError } from '@firsthand/plugin-sdk';
import type { Deliver } from '../deliver/create-deliver.js';
import { groupBy } from '../group-by.js';
import { isThin } from '../ingest/group-commit.js';
import { Intake, type ClaimedDocuments } from '../ingest/intake.js';
import { FenceLost, type ConfigurationSource, type Clock, type Doorbell, type InboxDocument, type InboxRecord, type PipelineLog, type Store, type WorkspaceConfiguration } from '../ports/index.js';
import { applyBatch } from './apply-batch.js';
import type { ApplyContext, ApplyItem } from './apply-context.js';
import { fetchDocuments, type FetchContext } from './fetch-records.js';
import { FetchQueues } from './fetch-queues.js';
import { findPoison, type Innocence } from './find-poison.js';

export interface ApplyOptions extends FetchContext {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  newId(): string;
  tombstoneDigest(workspaceId: string, key: string): string;
  log: PipelineLog;
  /** The lanes of this process: what apply makes for them is decided at once and sent. Without it every delivery waits for its lane. */
  deliver?: Pick<Deliver, 'visit'>;
  /** Of one transaction; 400 when left out. */
  maxRecords?: number;
}

export interface Apply {
  /** Takes inbox documents until none is due. Several may drain at once, in one process or many. */
  drain(): Promise<void>;
  /** What ingest in this process stores is applied from here, without a look at the store. */
  intake: Intake;
  /** Finishes what it has taken, and takes nothing more. */
  stop(): Promise<void>;
}

const LEASE_MS = 10_000;
/** Claims are looked at this often, and prolonged this long after they were made or prolonged last; later where a transaction is to end with them, which would have to begin again after a beat. */
const LOOK_MS = 1_000;
const HEARTBEAT_MS = 3_000;
const HEARTBEAT_AT_WORK_MS = 5_000;
/** From this attempt on a failing document is searched for the record that breaks it. */
const SUSPECT_AFTER_ATTEMPTS = 2;
/** What usually passes by itself is a record's doing only when it goes on for longer than a dead worker's transaction holds its rows (MongoDB's default: 60 s). */
const PASSING_UNTIL_ATTEMPT = 40;
const PASSING_BACKOFF_MS = 2_000;
/** What one vendor may hold up in memory; more of it is left in the store for so long. */
const MAX_FETCHING_RECORDS = 2_000;
const FETCH_LATER_MS = 2_000;
/** Vendors fetched from at once. */
const MAX_FETCHING_CONNECTIONS = 32;
const MAX_BACKOFF_MS = 30_000;
const DAY_MS = 24 * 60 * 60_000;
/** So much may wait in memory: a second's work at most, far less than a lease. */
const MAX_WAITING_RECORDS = 2_000;

/**
 * Step 2 of an event's path: takes inbox documents under a lease, applies each workspace's share in one transaction, and finds the record that
 * breaks a batch.
 *
 * @example const apply = createApply(options); await apply.drain();
 */
export function createApply(options: ApplyOptions): Apply {
  const { store, clock, newId, maxRecords = 400 } = options;
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let isTaking = false;
  let atWork: readonly ClaimedDocuments[] = [];
  let last: Promise<void> = Promise.resolve();
  const intake = new Intake({ clock, leaseMs: LEASE_MS, maxRecords: MAX_WAITING_RECORDS, newToken: newId, onTaken: () => { if (!isTaking) track(takeIn()); } });

  function track(work: Promise<void>): Promise<void> {
    const run = work.finally(() => underWay.delete(run));
    underWay.add(run);
    return run;
  }

  /** One transaction at a time: a second one would wait at the same lanes, and often for the same people. */
  function applyInTurn(claimed: readonly ClaimedDocuments[]): Promise<void> {
    last = last.then(async () => {
      atWork = claimed;
      await applyClaimed(claimed, options);
      atWork = [];
    });
    return last;
  }

  // A vendor may take its time, or be away: nobody else waits along.
  const fetches = new FetchQueues({
    maxRecords, maxWaitingRecords: MAX_FETCHING_RECORDS, maxQueues: MAX_FETCHING_CONNECTIONS,
    work: (claimed) => fetchClaimed(claimed, applyInTurn, stopping.signal, options),
    begin: (run, held) => void track(whileHeld(held, run)),
    giveBack: (claimed) => giveBack(claimed, 0, options),
  });

  async function drain(): Promise<void> {
    while (!stopping.signal.aborted) {
      const now = clock();
      const { token, documents } = await store.inbox.claim({ now, leaseMs: LEASE_MS, maxRecords });
      if (documents.length === 0) return;
      const ready: ClaimedDocuments[] = [];
      for (const [share, own] of groupBy(documents, shareOf)) {
        const claimed = { claim: { token, inboxIds: own.map(({ inboxId }) => inboxId) }, until: now + LEASE_MS, documents: own };
        if (!own.some(isThin)) ready.push(claimed);
        else if (!fetches.add(share, claimed)) await giveBack([claimed], FETCH_LATER_MS, options);
      }
      await whileHeld(() => ready, async () => {
        for (const own of ready) await applyInTurn([own]);
      });
    }
  }

  async function takeIn(): Promise<void> {
    isTaking = true;
    let batch: ClaimedDocuments[] = [];
    await whileHeld(() => [...batch, ...intake.claimed()], async () => {
      for (batch = intake.next(maxRecords); batch.length > 0; batch = intake.next(maxRecords)) await applyInTurn(batch);
      isTaking = false;
    });
  }

  /** Prolongs the claims while the work goes on; most documents are applied before that. A lost one shows itself in the transaction; a failed heartbeat alone loses nothing. */
  async function whileHeld(held: () => readonly ClaimedDocuments[], work: () => Promise<void>): Promise<void> {
    const heartbeat = setInterval(() => {
      const now = clock();
      for (const own of held()) {
        const { claim: { token, inboxIds }, until } = own;
        if (Math.abs(now - until + LEASE_MS) < (atWork.includes(own) ? HEARTBEAT_AT_WORK_MS : HEARTBEAT_MS)) continue;
        store.inbox.extend(token, inboxIds, now + LEASE_MS).then(() => { own.until = now + LEASE_MS; }, () => undefined);
      }
    }, LOOK_MS);
    try {
      await work();
    } finally {
      clearInterval(heartbeat);
    }
  }

  return {
    drain: () => track(drain()),
    intake,
    async stop() {
      stopping.abort();
      intake.close();
      await fetches.stop();
      await Promise.allSettled(underWay);
    },
  };
}

/** Has documents of one connection completed by its vendor, and applies them. Never throws: what fails is given back, to be tried again. */
async function fetchClaimed(
  claimed: readonly ClaimedDocuments[], applyComplete: (complete: readonly ClaimedDocuments[]) => Promise<void>, stopped: AbortSignal, options: ApplyOptions,
): Promise<void> {
  const documents = claimed.flatMap((own) => own.documents);
  const { workspaceId } = documents[0] as InboxDocument;
  try {
    const fetched = await fetchDocuments(documents, options.configuration.workspace(workspaceId), options, options.clock(), stopped);
    const errors = new Map(fetched.failed.map(({ document, error }) => [document.inboxId, error]));
    const complete = new Map(fetched.complete.map((document) => [document.inboxId, document]));
    const [error] = errors.values();
    if (errors.size > 0 && !stopped.aborted) options.log.warn({ workspaceId, documents: errors.size, error: errorName(error) }, 'a vendor did not give what is to be fetched; it will be asked again');
    for (const own of only(claimed, ({ inboxId }) => errors.has(inboxId))) await giveBack([own], backoffMs(own.documents, error), options);
    const applied = only(claimed, ({ inboxId }) => complete.has(inboxId))
      .map(({ documents: thin, ...claim }) => ({ ...claim, documents: thin.map((document) => complete.get(document.inboxId) ?? document) }));
    if (applied.length > 0) await applyComplete(applied);
  } catch (error) {
    options.log.warn({ workspaceId, documents: documents.length, error: errorName(error) }, 'a batch failed and will be tried again');
    await giveBack(claimed, backoffMs(documents, error), options);
  }
}

/** The part of the claims that is on these documents. */
function only(claimed: readonly ClaimedDocuments[], isWanted: (document: InboxDocument) => boolean): ClaimedDocuments[] {
  return claimed
    .map(({ claim: { token }, until, documents }) => ({ token, until, documents: documents.filter(isWanted) }))
    .filter(({ documents }) => documents.length > 0)
    .map(({ token, until, documents }) => ({ claim: { token, inboxIds: documents.map(({ inboxId }) => inboxId) }, until, documents }));
}

/** Applies documents of one workspace in one transaction. Never throws: what fails is given back, to be tried again. */
async function applyClaimed(claimed: readonly ClaimedDocuments[], options: ApplyOptions): Promise<void> {
  const { store, doorbell, clock, log } = options;
  const documents = claimed.flatMap((own) => own.documents);
  const { workspaceId } = documents[0] as InboxDocument;
  try {
    const configuration = options.configuration.workspace(workspaceId);
    const items = documents.flatMap(({ inboxId, records }) => records.map((record, index): ApplyItem => ({ id: `${inboxId}|${index}`, record: withSource(record, configuration), place: index })));
    const context = (): ApplyContext => ({ configuration, now: clock(), newId: options.newId, tombstoneDigest: options.tombstoneDigest });
    const isSuspect = documents.some(({ attempt }) => attempt >= SUSPECT_AFTER_ATTEMPTS);
    const poison = isSuspect ? await findPoison(items, trialIn(store, context), innocenceOf(documents, options)) : new Set<string>();
    const marked = items.map((item) => (poison.has(item.id) ? { ...item, isPoison: true } : item));
    for (const connectionId of await applyItems(marked, claimed, context, workspaceId, options)) doorbell.ringLane({ workspaceId, connectionId });
  } catch (error) {
    if (!(error instanceof FenceLost)) log.warn({ workspaceId, documents: documents.length, error: errorName(error) }, 'a batch failed and will be tried again');
    await giveBack(claimed, backoffMs(documents, error), options);
  }
}

/** Under which agreement a record came is not known while its connection is gone, or cannot be used: it is put aside until that is repaired. */
function withSource(record: InboxRecord, { sources }: WorkspaceConfiguration): InboxRecord {
  return sources.has(record.connectionId) || record.fault !== null ? record : { ...record, fault: { code: 'RECORD_FAILED', places: [{ path: '', message: 'the connection of this record is gone, or cannot be used' }] } };
}

/** What was taken over meanwhile is left to who has it. */
async function giveBack(claimed: readonly ClaimedDocuments[], waitMs: number, { store, clock }: ApplyOptions): Promise<void> {
  for (const { claim: { token, inboxIds } } of claimed) await store.inbox.release(token, inboxIds, clock() + waitMs).catch(() => undefined);
}

function backoffMs(documents: readonly InboxDocument[], error: unknown): number {
  const attempt = Math.max(...documents.map((document) => document.attempt));
  const waitMs = attempt < SUSPECT_AFTER_ATTEMPTS ? 100 : Math.min(isPassing(error) ? PASSING_BACKOFF_MS : MAX_BACKOFF_MS, 500 * 2 ** attempt);
  return error instanceof RateLimited || error instanceof RetryableError ? Math.max(waitMs, Math.min(error.retryAfterMs ?? 0, DAY_MS)) : waitMs;
}

/** The transaction, with the lanes that it may decide for. Gives the destination connections to ring. */
async function applyItems(
  items: readonly ApplyItem[], claimed: readonly ClaimedDocuments[], context: () => ApplyContext, workspaceId: string, { store, deliver }: ApplyOptions,
): Promise<string[]> {
  const visit = await deliver?.visit(workspaceId, items.length);
  let isCommitted = false;
  try {
    const toRing = await store.transaction(async (tx) => {
      visit?.begin();
      const left = await applyBatch(tx, items, { ...context(), ...(visit === undefined ? {} : { visit }) });
      await tx.finishInbox(claimed.map(({ claim }) => claim));
      return left;
    });
    isCommitted = true;
    return toRing;
  } finally {
    visit?.end(isCommitted);
  }
}

function trialIn(store: Store, context: () => ApplyContext): (part: readonly ApplyItem[], thenThrow: Error) => Promise<never> {
  return (part, thenThrow) => store.transaction(async (tx) => {
    await applyBatch(tx, part, context());
    throw thenThrow;
  });
}

function innocenceOf(documents: readonly InboxDocument[], { store, clock }: ApplyOptions): Innocence {
  const isLasting = documents.some(({ attempt }) => attempt >= PASSING_UNTIL_ATTEMPT);
  return {
    isPassing: (error) => !isLasting && isPassing(error),
    isHealthy: () => store.inbox.hasDue(clock()).then(() => true, () => false),
  };
}

/** Others write the same rows, a dead worker's transaction holds them still, or the store is away. */
export function isPassing(error: unknown): boolean {
  return error instanceof FirsthandError && (error.code === 'CONFLICT' || error.code === 'UNAVAILABLE');
}

/** What may succeed or fail together: a workspace's documents, and apart from them those that wait for one vendor. */
function shareOf(document: InboxDocument): string {
  return isThin(document) ? `${document.workspaceId}|${document.records[0]?.connectionId ?? ''}` : document.workspaceId;
}

function errorName(error: unknown): string {
  return error instanceof FirsthandError ? error.code : error instanceof Error ? error.name : 'unknown';
}
