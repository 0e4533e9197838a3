import type { JsonValue } from '@firsthand/domain';
import type { CallerRequest } from './caller.js';
import type { IngestDependencies } from './ingest-dependencies.js';
import { isObject, toRawMessage, type Envelope } from './raw-messages.js';

/** What the Segment API answers, whatever becomes of the messages. */
export interface Accepted {
  success: true;
}

/**
 * Hands the messages of one tracking request to the pipeline; resolves when they are stored.
 *
 * @example await takeMessages(request, [body], { type: 'track' }, dependencies) // { success: true }
 */
export async function takeMessages(request: CallerRequest, messages: readonly JsonValue[], envelope: Omit<Envelope, 'receivedAt'>, { ingest, clock, metrics }: Pick<IngestDependencies, 'ingest' | 'clock' | 'metrics'>): Promise<Accepted> {
  const { caller: { configuration, connection, isVerified }, bodyBytes } = request;
  const receivedAt = clock();
  // What is no object is kept as it is: the mapping finds nothing in it, and it is quarantined.
  const raws = messages.map((message) => (isObject(message) ? toRawMessage(message, { ...envelope, receivedAt }) : message));
  const { accepted, refused } = await ingest.accept({ configuration, connection, raws, ...(bodyBytes === undefined ? {} : { bytes: bodyBytes * 2 }), receivedAt, isVerified, isImport: false });
  metrics.acceptedRecords.inc(accepted);
  if (refused > 0) metrics.refusedRecords.inc(refused);
  return { success: true };
}
