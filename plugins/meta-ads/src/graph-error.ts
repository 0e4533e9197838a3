import { classifyResponse, InvalidCredentials, InvalidPayload, RateLimited, readRetryAfter, RetryableError, type HttpResponse, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';

/** Limits of the app, the user, the page, the ad account, and of business use cases (80000 to 80014). */
const RATE_LIMITS = new Set([4, 17, 32, 341, 613]);
/** The session, the token, an app that may not, the extended permission. */
const CREDENTIALS = new Set([3, 10, 102, 104, 190, 294]);
/** Unknown, service and too many items at once: Meta asks to try again. */
const PASSING = new Set([1, 2]);
/** Subcode of 100: the object does not exist or the token may not see it. */
const UNKNOWN_OBJECT = 33;
const MINUTE_MS = 60_000;

/**
 * What Meta's answer means, or undefined when it is good. Meta says it in the body, whatever the status: by `code`, `error_subcode` and `is_transient`.
 * The details name these numbers alone; Meta's messages quote values.
 * Sources: Graph API "Handle errors", Marketing API "Error codes" and "Rate limiting".
 */
export function graphError(response: HttpResponse, now: number): Error | undefined {
  const error = readError(response);
  if (error === undefined) return response.status >= 200 && response.status < 300 ? undefined : byStatus(response, now);
  const { code, error_subcode: subcode } = error;
  if (typeof code !== 'number') return byStatus(response, now);
  const detail = `Meta answered ${response.status}, code ${code}${typeof subcode === 'number' ? `, subcode ${subcode}` : ''}.`;
  if (RATE_LIMITS.has(code) || (code >= 80_000 && code <= 80_014)) return new RateLimited(waitMs(response.headers, now), detail);
  if (error.is_transient === true || PASSING.has(code) || code < 0) return new RetryableError(detail);
  if (CREDENTIALS.has(code) || (code >= 200 && code <= 299) || (code === 100 && subcode === UNKNOWN_OBJECT)) return new InvalidCredentials(detail);
  return response.status >= 500 ? new RetryableError(detail) : new InvalidPayload(detail);
}

function byStatus(response: HttpResponse, now: number): Error {
  try {
    classifyResponse(response, now);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new RetryableError('Meta gave an error without a code.');
}

function readError(response: HttpResponse): JsonObject | undefined {
  let body: JsonValue;
  try {
    body = response.json();
  } catch {
    // A good status with a body that is no JSON is an answer of somebody else: without a code, it is tried again.
    return {};
  }
  return isObject(body) && isObject(body.error) ? body.error : undefined;
}

/** Retry-After, else the longest that the usage headers name: minutes per business use case, seconds for an ad account. */
function waitMs(headers: Record<string, string>, now: number): number | undefined {
  const cases = Object.values(readHeader(headers['x-business-use-case-usage'])).flatMap((uses) => (Array.isArray(uses) ? uses.filter(isObject) : []));
  const waits = cases.map((use) => toMs(use.estimated_time_to_regain_access, MINUTE_MS));
  waits.push(toMs(readHeader(headers['x-ad-account-usage']).reset_time_duration, 1000));
  const longest = Math.max(...waits);
  return readRetryAfter(headers['retry-after'], now) ?? (longest > 0 ? longest : undefined);
}

function toMs(value: JsonValue | undefined, unitMs: number): number {
  return typeof value === 'number' && value > 0 ? value * unitMs : 0;
}

function readHeader(text: string | undefined): JsonObject {
  try {
    const value = JSON.parse(text ?? '{}') as JsonValue;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
