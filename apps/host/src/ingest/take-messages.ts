import type { JsonValue } from '@firsthand/domain';
import { z } from 'zod';
import type { CallerRequest } from './caller.js';
import type { IngestDependencies } from './ingest-dependencies.js';
import { isObject, toRawMessage, type Envelope } from './raw-messages.js';

/** What the Segment API answers, whatever becomes of the messages. */
export const acceptedSchema = z.object({ success: z.literal(true) }).meta({ id: 'Accepted' });
export type Accepted = z.infer<typeof acceptedSchema>;

/**
 * Hands the messages of one tracking request to the pipeline; resolves when they are stored. A public key stands in every page, so that
 * anyone can send with it: it has a limit. A secret one is the brand's own server, which may have years to send.
 *
 * @throws FirsthandError `RATE_LIMITED`, and what `ingest.accept` throws
 * @example await takeMessages(request, [body], { type: 'track' }, dependencies) // { success: true }
 */
export async function takeMessages(request: CallerRequest, messages: readonly JsonValue[], envelope: Omit<Envelope, 'receivedAt'>, { ingest, limiter, clock, metrics, logger }: Pick<IngestDependencies, 'ingest' | 'limiter' | 'clock' | 'metrics' | 'logger'>): Promise<Accepted> {
  const { caller: { configuration, connection, isVerified, writeKeyHash }, bodyBytes } = request;
  if (!isVerified) limiter.take(writeKeyHash, messages.length);
  const receivedAt = clock();
  const hasGpc = request.headers['sec-gpc'] === '1';
  // What is no object is kept as it is: the mapping finds nothing in it, and it is quarantined.
  const raws = messages.map((message) => (isObject(message) ? toRawMessage(message, { ...envelope, receivedAt, hasGpc }) : message));
  const { accepted, refused, unreadableConsents } = await ingest.accept({ configuration, connection, raws, ...(bodyBytes === undefined ? {} : { bytes: bodyBytes * 2 }), receivedAt, isVerified, isImport: false });
  metrics.acceptedRecords.inc(accepted);
  if (refused > 0) metrics.refusedRecords.inc(refused);
  if (unreadableConsents.length > 0) {
    for (const signal of unreadableConsents) metrics.unreadableConsents.inc({ signal });
    logger.warn({ connectionId: connection.connectionId, signals: [...new Set(unreadableConsents)], records: unreadableConsents.length }, 'consent that cannot be read permits nothing');
  }
  return { success: true };
}
