import { DestinationGone, DestinationMoved, InvalidCredentials, InvalidPayload, RateLimited, RetryableError } from './errors.js';
import type { HttpResponse } from './http-client.js';

const DAY_MS = 86_400_000;

/**
 * Turns a vendor's answer into the SDK's decision, by its status alone: 2xx passes; 401 and 403 are the credentials; 410 is the end of the
 * destination (RFC 9110 section 15.5.11; a handler for which 410 concerns one object only looks at it first); 408, 429 and 5xx may pass later, as
 * `Retry-After` says (section 10.2.3, seconds or a date, at most 24 h), and all but 429 are failures of the destination; so is 3xx, which is not followed and stops;
 * any other 4xx stops.
 * The vendor's text is never repeated: it may hold personal data. `now` is epoch ms.
 *
 * @throws InvalidCredentials, DestinationGone, DestinationMoved, RateLimited, RetryableError, InvalidPayload
 * @example classifyResponse(await http.request({ method: 'POST', url, json: payload }, { signal }), now);
 */
export function classifyResponse(response: Pick<HttpResponse, 'status' | 'headers'>, now: number = Date.now()): void {
  const { status } = response;
  if (status >= 200 && status < 300) return;
  const detail = `The destination answered ${status}.`;
  if (status === 401 || status === 403) throw new InvalidCredentials(detail);
  if (status === 410) throw new DestinationGone(detail);
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = readRetryAfter(response.headers['retry-after'], now);
    if (status === 429) throw new RateLimited(retryAfterMs, detail);
    throw new RetryableError(detail, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  throw status >= 300 && status < 400 ? new DestinationMoved(detail) : new InvalidPayload(detail);
}

/** The three forms of an HTTP date (RFC 9110 section 5.6.7): `Date.parse` alone takes `1.5` and `-1` for days of the year 2001. */
const HTTP_DATE = /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} [\d:]{8} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})$/;

/**
 * Reads a Retry-After header (RFC 9110 section 10.2.3: whole seconds or an HTTP date). Gives milliseconds from `now`, 0 to 24 h, or undefined when there is none
 * that can be read. Of a date that is past it gives 0: the least that the host waits is its own back-off in any case.
 *
 * @example readRetryAfter('120', Date.now()) // 120000
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : HTTP_DATE.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) - now : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), DAY_MS);
}
