import { FirsthandError, type JsonValue } from '@firsthand/domain';
import { callWithTimeout, type HttpClient, type PluginLog } from '@firsthand/plugin-sdk';
import { groupBy } from '../group-by.js';
import { judgeRaw } from '../ingest/judge-raw.js';
import type { InboxRecord, SourceConnection, WorkspaceConfiguration } from '../ports/index.js';

/** What a call to a vendor needs. */
export interface FetchContext {
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
}

/** Well within the lease of an inbox document and its heartbeat. */
const FETCH_TIMEOUT_MS = 9_000;

/** Completes thin records over the vendor's API, then maps them. A failed call throws: the document is tried again later. */
export async function fetchRecords(records: readonly InboxRecord[], configuration: WorkspaceConfiguration, context: FetchContext): Promise<InboxRecord[]> {
  const full = [...records];
  const indexesByConnection = groupBy(records.keys(), (index) => (records[index]?.needsFetch === true ? (records[index] as InboxRecord).connectionId : ''));
  for (const [connectionId, indexes] of indexesByConnection) {
    const connection = configuration.sources.get(connectionId);
    if (connection?.source.fetch === undefined) continue;
    const fetched = await fetchRaws(connection, indexes.map((index) => (records[index] as InboxRecord).raw), context);
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

async function fetchRaws(connection: SourceConnection, raws: JsonValue[], { http, pluginLog }: FetchContext): Promise<(JsonValue | null)[]> {
  const fetch = connection.source.fetch as NonNullable<SourceConnection['source']['fetch']>;
  const settings = connection.settings as Parameters<typeof fetch>[0]['settings'];
  const answers = await callWithTimeout((signal) => fetch({ records: raws, settings, http, log: pluginLog(connection.pluginId), signal }), FETCH_TIMEOUT_MS);
  if (answers.length !== raws.length) throw new FirsthandError('RECORD_FAILED', 'fetch gave another number of records than it was asked for.');
  return answers;
}
