import { readRetryAfter, type HttpResponse } from '@firsthand/plugin-sdk';

/** A budget that is used up comes back within this; what names a later time is taken for a mistake. `Retry-After` may ask for a day. */
const MAX_RESET_MS = 60 * 60_000;
/** Above this a reset is a point in time: in seconds, and above the second in milliseconds. Vendors differ. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/**
 * How long a vendor's answer asks everybody to wait, in ms; 0 when it does not. 429 and 503: `Retry-After` (RFC 9110 section 10.2.3). Any answer that says that
 * nothing remains until a reset: `RateLimit` (draft-ietf-httpapi-ratelimit-headers, in its list and its older dictionary form), `RateLimit-Remaining` and
 * `-Reset`, `X-RateLimit-Remaining` and `-Reset` (seconds, or a point in time).
 *
 * @example vendorPauseMs({ status: 429, headers: { 'retry-after': '30' } }, Date.now()) // 30000
 */
export function vendorPauseMs({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>, now: number): number {
  const asked = status === 429 || status === 503 ? readRetryAfter(headers['retry-after'], now) : undefined;
  const resets = [usedUp(headers.ratelimit), ...['ratelimit', 'x-ratelimit'].map((prefix) => (readNumber(headers[`${prefix}-remaining`]) === 0 ? readNumber(headers[`${prefix}-reset`]) : undefined))];
  const reset = Math.max(0, ...resets.map((value) => (value === undefined ? 0 : msUntil(value, now))));
  return Math.max(asked ?? 0, Math.min(reset, MAX_RESET_MS));
}

/** Seconds until the last of the budgets comes back that has nothing left: `"hour";r=0;t=30` or `limit=10, remaining=0, reset=30`. */
function usedUp(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const older = /(?:^|[,;\s])remaining=0(?![\d.])/.test(header) ? readNumber(/(?:^|[,;\s])reset=(\d+)/.exec(header)?.[1]) : undefined;
  const items = header.split(',').flatMap((item) => (/;\s*r=0(?![\d.])/.test(item) ? [readNumber(/;\s*t=(\d+)/.exec(item)?.[1])] : []));
  const seconds = [older, ...items].filter((value) => value !== undefined);
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function msUntil(value: number, now: number): number {
  if (value >= EPOCH_MS) return Math.max(0, value - now);
  return value >= EPOCH_SECONDS ? Math.max(0, value * 1_000 - now) : value * 1_000;
}
