import { FirsthandError, type JsonValue } from '@firsthand/domain';
import type { SourceConnection, WorkspaceConfiguration } from '@firsthand/pipeline';
import { InvalidSignature, type WebhookRequest, type WebhookResponse, type WebhookTrigger } from '@firsthand/plugin-sdk';
import { checkComplexity } from './check-limits.js';
import type { IngestDependencies } from './ingest-dependencies.js';

/** A connection whose source takes webhooks. */
export interface WebhookConnection {
  configuration: WorkspaceConfiguration;
  connection: SourceConnection;
  trigger: WebhookTrigger<SourceConnection['settings']>;
}

/** Records of one request; more are no webhook but a file. */
const MAX_RECORDS = 10_000;
const OK: WebhookResponse = { status: 200, contentType: 'application/json', body: '{"status":"ok"}' };

/**
 * Takes one webhook: handshake, signature, records, and resolves when they are stored. A plugin that fails on what a stranger sent refuses it;
 * it never lets it pass and never makes it our failure.
 *
 * @throws FirsthandError `INVALID_SIGNATURE`, `INVALID_REQUEST`, `METHOD_NOT_ALLOWED`, `PAYLOAD_TOO_COMPLEX`, and what `ingest.accept` throws
 * @example const answer = await takeWebhook(webhook, request, options);
 */
export async function takeWebhook(webhook: WebhookConnection, request: WebhookRequest, options: Pick<IngestDependencies, 'ingest' | 'clock' | 'metrics' | 'logger'>): Promise<WebhookResponse> {
  const { configuration, connection, trigger } = webhook;
  const now = options.clock();
  const refuse = (step: string, error: unknown, fallback: FirsthandError): FirsthandError => {
    if (error instanceof FirsthandError) return error;
    options.logger.warn({ connectionId: connection.connectionId, pluginId: connection.pluginId, step, err: error }, 'A plugin failed on a webhook; the request was refused.');
    return fallback;
  };

  const handshake = attempt(() => trigger.handshake?.(request, connection.settings, { now }), (error) => refuse('handshake', error, new InvalidSignature()));
  if (handshake !== undefined) return handshake;
  if (request.method !== 'POST') throw new FirsthandError('METHOD_NOT_ALLOWED');
  const body = attempt(() => trigger.verify(request, connection.settings, { now }), (error) => refuse('verify', error, new InvalidSignature())) ?? request.body;
  const raws = attempt(
    () => listRecords(connection, { ...request, body }),
    (error) => refuse('records', error, new FirsthandError('INVALID_REQUEST', 'The body is not what this source takes.')),
  );
  if (raws.length > 0) {
    const { accepted, refused } = await options.ingest.accept({ configuration, connection, raws, bytes: body.length * 2, receivedAt: now, isVerified: true, isImport: false });
    options.metrics.acceptedRecords.inc(accepted);
    if (refused > 0) options.metrics.refusedRecords.inc(refused);
  }
  return trigger.acknowledge ?? OK;
}

function attempt<T>(run: () => T, toError: (error: unknown) => FirsthandError): T {
  try {
    return run();
  } catch (error) {
    throw toError(error);
  }
}

function listRecords({ source }: SourceConnection, { body, headers, query }: WebhookRequest): JsonValue[] {
  const raws: JsonValue[] = [];
  for (const raw of source.records?.({ body, headers, query }) ?? []) {
    if (raws.length === MAX_RECORDS) throw new FirsthandError('INVALID_REQUEST', `More than ${MAX_RECORDS} records in one request.`);
    checkComplexity(raw);
    raws.push(raw);
  }
  return raws;
}
