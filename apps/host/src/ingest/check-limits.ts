import { checkJsonLimits, EVENT_JSON_LIMITS, FirsthandError, type JsonValue } from '@firsthand/domain';

/** The Segment spec's limits: one event, and all of a batch, inflated. */
export const MAX_EVENT_BYTES = 32 * 1024;
export const MAX_BATCH_BYTES = 500 * 1024;

/**
 * Checks nesting and number of keys of one event, before anything else walks through it.
 *
 * @throws FirsthandError `PAYLOAD_TOO_COMPLEX`
 * @example checkComplexity(message, '/batch/3')
 */
export function checkComplexity(value: JsonValue, path = ''): void {
  const excess = checkJsonLimits(value);
  if (excess === null) return;
  const message = excess === 'deep' ? `is nested deeper than ${EVENT_JSON_LIMITS.maxDepth} levels` : `holds more than ${EVENT_JSON_LIMITS.maxKeys} keys`;
  throw new FirsthandError('PAYLOAD_TOO_COMPLEX', undefined, [{ path, message }]);
}

/**
 * Checks the events of a batch one by one. A batch is refused whole: it was refused for good otherwise, event by event, with nobody told.
 *
 * @param bytes of the whole request: when it is small no single event can be too large
 * @throws FirsthandError `PAYLOAD_TOO_COMPLEX`, `PAYLOAD_TOO_LARGE`
 * @example checkBatch(batch, body.length)
 */
export function checkBatch(batch: readonly JsonValue[], bytes: number): void {
  batch.forEach((event, index) => checkComplexity(event, `/batch/${index}`));
  if (bytes <= MAX_EVENT_BYTES) return;
  const places = batch.flatMap((event, index) => (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES ? [{ path: `/batch/${index}`, message: `is larger than ${MAX_EVENT_BYTES / 1024} KB` }] : []));
  if (places.length > 0) throw new FirsthandError('PAYLOAD_TOO_LARGE', `One event may have ${MAX_EVENT_BYTES / 1024} KB.`, places);
}
