import { FirsthandError, type JsonValue } from '@firsthand/domain';
import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import { groupBy } from '../group-by.js';
import { judgeRaw } from '../ingest/judge-raw.js';
import { FenceLost, type ConfigurationSource, type Clock, type Doorbell, type InboxDocument, type InboxRecord, type PipelineLog, type SourceConnection, type Store, type WorkspaceConfiguration } from '../ports/index.js';
import { applyBatch } from './apply-batch.js';
import type { ApplyContext, ApplyItem } from './apply-context.js';
import { findPoison } from './find-poison.js';

export interface ApplyOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  newId(): string;
  tombstoneDigest(workspaceId: string, key: string): string;
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
  log: PipelineLog;
  maxRecords?: number;
}

export interface Apply {
  /** Takes inbox documents until none is due. Several may drain at once, in one process or many. */
  drain(): Promise<void>;
  /** Finishes the batch under way and takes no other. */
  stop(): Promise<void>;
}

const LEASE_MS = 10_000;
const HEARTBEAT_MS = 3_000;
/** From this attempt on a failing document is searched for the record that breaks it. */
const SUSPECT_AFTER_ATTEMPTS = 2;

/**
 * Takes inbox documents under a lease, applies each workspace's share in one transaction, and finds the record that breaks a batch.
 *
 * @example const apply = createApply(options); await apply.drain();
 */
export function createApply(options: ApplyOptions): Apply {
  const { store, clock, maxRecords = 400 } = options;
  const underWay = new Set<Promise<void>>();
  let isStopped = false;

  async function drain(): Promise<void> {
    while (!isStopped) {
      const { token, documents } = await store.inbox.claim({ now: clock(), leaseMs: LEASE_MS, maxRecords });
      if (documents.length === 0) return;
      const heartbeat = setInterval(() => {
        // A lost lease shows itself in the transaction; a failed heartbeat alone loses nothing.
        store.inbox.extend(token, documents.map(({ inboxId }) => inboxId), clock() + LEASE_MS).catch(() => undefined);
      }, HEARTBEAT_MS);
      try {
        for (const ofWorkspace of groupByWorkspace(documents)) await applyDocuments(token, ofWorkspace, options);
      } finally {
        clearInterval(heartbeat);
      }
    }
  }

  return {
    drain() {
      const run = drain().finally(() => underWay.delete(run));
      underWay.add(run);
      return run;
    },
    async stop() {
      isStopped = true;
      await Promise.allSettled(underWay);
    },
  };
}

async function applyDocuments(token: string, documents: readonly InboxDocument[], options: ApplyOptions): Promise<void> {
  const { store, doorbell, clock, log } = options;
  const workspaceId = (documents[0] as InboxDocument).workspaceId;
  const inboxIds = documents.map(({ inboxId }) => inboxId);
  try {
    const configuration = options.configuration.workspace(workspaceId);
    const items = await toItems(documents, configuration, options);
    const context = (): ApplyContext => ({ configuration, now: clock(), newId: options.newId, tombstoneDigest: options.tombstoneDigest });
    const isSuspect = documents.some(({ attempt }) => attempt >= SUSPECT_AFTER_ATTEMPTS);
    const poison = isSuspect ? await findPoison(items, trialIn(store, context), () => isHealthy(store, clock())) : new Set<string>();
    const marked = items.map((item) => (poison.has(item.id) ? { ...item, isPoison: true } : item));
    const lanes = await store.transaction(async (tx) => {
      const rung = await applyBatch(tx, marked, context());
      await tx.finishInbox(token, inboxIds);
      return rung;
    });
    for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  } catch (error) {
    if (error instanceof FenceLost) return;
    log.warn({ workspaceId, documents: documents.length, error: errorName(error) }, 'a batch failed and will be tried again');
    const attempt = Math.max(...documents.map((document) => document.attempt));
    const waitMs = attempt < SUSPECT_AFTER_ATTEMPTS ? 100 : Math.min(30_000, 500 * 2 ** attempt);
    await store.inbox.release(token, inboxIds, clock() + waitMs).catch(() => undefined);
  }
}

function trialIn(store: Store, context: () => ApplyContext): (part: readonly ApplyItem[], thenThrow: Error) => Promise<never> {
  return (part, thenThrow) => store.transaction(async (tx) => {
    await applyBatch(tx, part, context());
    throw thenThrow;
  });
}

/** Whether the store itself answers, so that a failure is the record's. */
function isHealthy(store: Store, now: number): Promise<boolean> {
  return store.inbox.hasDue(now).then(() => true, () => false);
}

async function toItems(documents: readonly InboxDocument[], configuration: WorkspaceConfiguration, options: ApplyOptions): Promise<ApplyItem[]> {
  const items: ApplyItem[] = [];
  for (const { inboxId, records } of documents) {
    const full = records.some(({ needsFetch }) => needsFetch === true) ? await fetchRecords(records, configuration, options) : records;
    full.forEach((record, index) => items.push({ id: `${inboxId}|${index}`, record }));
  }
  return items;
}

/** Completes thin records over the vendor's API, then maps them. A failed call throws: the document is tried again later. */
async function fetchRecords(records: readonly InboxRecord[], configuration: WorkspaceConfiguration, options: ApplyOptions): Promise<InboxRecord[]> {
  const full = [...records];
  const indexesByConnection = groupBy(records.keys(), (index) => (records[index]?.needsFetch === true ? (records[index] as InboxRecord).connectionId : ''));
  for (const [connectionId, indexes] of indexesByConnection) {
    const connection = configuration.sources.get(connectionId);
    if (connection?.source.fetch === undefined) continue;
    const fetched = await fetchRaws(connection, indexes.map((index) => (records[index] as InboxRecord).raw), options);
    indexes.forEach((index, place) => {
      const thin = records[index] as InboxRecord;
      const raw = fetched[place] ?? thin.raw;
      full[index] = judgeRaw(raw, connection, configuration, thin);
    });
  }
  return full.map((record) => (record.needsFetch === true && record.record === null && record.fault === null
    ? { ...record, fault: { code: 'RECORD_FAILED', places: [{ path: '', message: 'the connection that could fetch this record is gone' }] } }
    : record));
}

async function fetchRaws(connection: SourceConnection, raws: JsonValue[], { http, pluginLog }: ApplyOptions): Promise<(JsonValue | null)[]> {
  const fetch = connection.source.fetch as NonNullable<SourceConnection['source']['fetch']>;
  const settings = connection.settings as Parameters<typeof fetch>[0]['settings'];
  const answers = await fetch({ records: raws, settings, http, log: pluginLog(connection.pluginId), signal: AbortSignal.timeout(HEARTBEAT_MS * 3) });
  if (answers.length !== raws.length) throw new FirsthandError('RECORD_FAILED', 'fetch gave another number of records than it was asked for.');
  return answers;
}

function groupByWorkspace(documents: readonly InboxDocument[]): InboxDocument[][] {
  return [...groupBy(documents, ({ workspaceId }) => workspaceId).values()];
}

function errorName(error: unknown): string {
  return error instanceof FirsthandError ? error.code : error instanceof Error ? error.name : 'unknown';
}
