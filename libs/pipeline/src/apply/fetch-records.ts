import { FirsthandError, type JsonValue } from '@firsthand/domain';
import { callWithTimeout, DestinationMoved, EndpointMissing, InvalidCredentials, InvalidPayload, RateLimited, RetryableError, type HttpClient, type PluginLog } from '@firsthand/plugin-sdk';
import { RETRY_HORIZON_MS } from '../deliver/retry-delay.js';
import { groupBy } from '../group-by.js';
import { judgeRaw } from '../ingest/judge-raw.js';
import type { InboxDocument, InboxRecord, SourceConnection, WorkspaceConfiguration } from '../ports/index.js';

/** What a call to a vendor needs. */
export interface FetchContext {
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
}

/** What became of thin documents. */
export interface FetchedDocuments {
  /** With full records, or with the fault of those that cannot be fetched. */
  complete: InboxDocument[];
  /** To be fetched again later. */
  failed: { document: InboxDocument; error: unknown }[];
}

/** Well within the lease of an inbox document and its heartbeat. */
const FETCH_TIMEOUT_MS = 9_000;
/** Enough to find three or four records among a claim's by halves; more of them are rather the vendor's trouble than theirs. */
const MAX_CALLS = 64;

/**
 * Completes thin records over the vendor's API, then maps them. A failed call leaves its documents to be tried again, until their records
 * are 72 h old: then they get the fault `FETCH_FAILED`, as does a record at once that the vendor refuses for good (InvalidPayload). Never throws.
 *
 * @param now epoch ms
 * @param signal ends the call that is under way
 */
export async function fetchDocuments(
  documents: readonly InboxDocument[], configuration: WorkspaceConfiguration, context: FetchContext, now: number, signal: AbortSignal,
): Promise<FetchedDocuments> {
  const thin = documents.flatMap(({ records }) => records).filter(({ needsFetch }) => needsFetch === true);
  const answers = new Map<InboxRecord, InboxRecord | { error: unknown }>();
  for (const [connectionId, records] of groupBy(thin, (record) => record.connectionId)) {
    const connection = configuration.sources.get(connectionId);
    for (const [record, answer] of connection?.source.fetch === undefined
      ? records.map((record) => [record, withFault(record, 'RECORD_FAILED', 'the connection that could fetch this record is gone')] as const)
      : await fetchByHalves(records, { connection, configuration, context, signal })) answers.set(record, answer);
  }
  const fetched: FetchedDocuments = { complete: [], failed: [] };
  for (const document of documents) {
    const failures: unknown[] = [];
    const records = document.records.map((record) => {
      const answer = answers.get(record) ?? record;
      if (!('error' in answer)) return answer;
      const isOver = answer.error instanceof InvalidPayload || (now - record.receivedAt >= RETRY_HORIZON_MS && !signal.aborted);
      if (isOver) return withFault(record, 'FETCH_FAILED', 'the vendor did not give this record');
      failures.push(answer.error);
      return record;
    });
    if (failures.length > 0) fetched.failed.push({ document, error: failures[0] });
    else fetched.complete.push({ ...document, records });
  }
  return fetched;
}

interface FetchCall {
  connection: SourceConnection;
  configuration: WorkspaceConfiguration;
  context: FetchContext;
  signal: AbortSignal;
}

/** One call for all; one that fails over its records is made again for each half. */
async function fetchByHalves(records: readonly InboxRecord[], call: FetchCall): Promise<Map<InboxRecord, InboxRecord | { error: unknown }>> {
  const answers = new Map<InboxRecord, InboxRecord | { error: unknown }>();
  let calls = 0;
  let outage: unknown;
  const search = async (part: readonly InboxRecord[]): Promise<void> => {
    try {
      if (outage !== undefined) throw outage;
      calls += 1;
      const raws = await fetchRaws(part.map(({ raw }) => raw), call);
      part.forEach((record, index) => answers.set(record, { ...judgeRaw(raws[index] ?? record.raw, call.connection, call.configuration, receiptOf(record)), ...(record.startsNoFlow === true ? { startsNoFlow: true } : {}) }));
    } catch (error) {
      if (isOutage(error)) outage ??= error;
      else if (calls >= MAX_CALLS) outage ??= new RetryableError('Too many of these records cannot be fetched.');
      if (part.length === 1 || outage !== undefined) {
        // Of several nobody knows which one it was.
        for (const record of part) answers.set(record, { error: part.length === 1 ? error : outage });
        return;
      }
      const middle = part.length >> 1;
      await search(part.slice(0, middle));
      await search(part.slice(middle));
    }
  };
  await search(records);
  return answers;
}

async function fetchRaws(raws: JsonValue[], { connection, context: { http, pluginLog }, signal: stopped }: FetchCall): Promise<(JsonValue | null)[]> {
  const fetch = connection.source.fetch as NonNullable<SourceConnection['source']['fetch']>;
  const settings = connection.settings as Parameters<typeof fetch>[0]['settings'];
  // The plugin may ignore its signal: nobody waits for it past the time.
  const answers = await callWithTimeout((signal) => fetch({ records: raws, settings, http, log: pluginLog(connection.pluginId), signal }), FETCH_TIMEOUT_MS, stopped);
  if (!Array.isArray(answers) || answers.length !== raws.length) throw new FirsthandError('RECORD_FAILED', 'fetch gave another number of records than it was asked for.');
  return answers;
}

/** Whether the call failed whatever its records were. */
function isOutage(error: unknown): boolean {
  return error instanceof RetryableError || error instanceof RateLimited || error instanceof InvalidCredentials || error instanceof DestinationMoved || error instanceof EndpointMissing;
}

function receiptOf({ receivedAt, isVerified, isImport }: InboxRecord): { receivedAt: number; isVerified: boolean; isImport: boolean } {
  return { receivedAt, isVerified, isImport };
}

function withFault(record: InboxRecord, code: string, message: string): InboxRecord {
  return { ...record, fault: { code, places: [{ path: '', message }] } };
}
