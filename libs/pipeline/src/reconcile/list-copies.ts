import { callWithTimeout, PluginError, RateLimited, RetryableError, type HttpClient, type PluginLog, type RecordPage } from '@firsthand/plugin-sdk';
import { paying } from '../deliver/lane-tokens.js';
import type { Clock } from '../ports/configuration.js';
import type { RateLimits } from '../ports/rate-limits.js';
import type { ReconcilePlace } from './reconcile-place.js';

export interface ListCopiesOptions {
  http: HttpClient;
  limits: RateLimits;
  clock: Clock;
  pluginLog(pluginId: string): PluginLog;
}

/** A page of a system's list; for how long to wait, and whether that is because it failed; or the code by which it refuses to list, today and in an hour. */
export type ListedPage = { page: RecordPage } | { waitMs: number; hasFailed: boolean } | { refusal: string };

const CALL_TIMEOUT_MS = 30_000;
/** A system that fails is asked again after this, twice as long each time, to a quarter of an hour. */
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 15 * 60_000;

/**
 * Asks a system for one page of what it holds. A token of its lane's rate limit is taken first, and for each further request: deliveries and the list share what the vendor allows. Never throws.
 *
 * @param failures how often it has failed since it last answered
 */
export async function listCopies({ connection, listing, rule }: ReconcilePlace, { cursor, failures }: { cursor: string | null; failures: number }, { http, limits, clock, pluginLog }: ListCopiesOptions): Promise<ListedPage> {
  const { rateLimit } = connection;
  if (rateLimit !== null) {
    const { granted, waitMs } = await limits.take(connection, rateLimit, 1);
    if (granted === 0) return { waitMs: Math.max(1, waitMs), hasFailed: false };
  }
  const client = rateLimit === null ? http : paying(http, limits, connection, rateLimit);
  const fields = rule.fields.map(({ to }) => to);
  try {
    const page = await callWithTimeout((signal) => listing.page({ settings: connection.settings, http: client, log: pluginLog(connection.pluginId), signal, now: clock(), cursor, fields }), CALL_TIMEOUT_MS);
    if (page.next !== null && page.next === cursor) throw new RetryableError('The list does not move on.');
    return { page };
  } catch (error) {
    if (error instanceof PluginError && !(error instanceof RateLimited || error instanceof RetryableError)) return { refusal: error.code };
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    // One that says how long has answered; it is asked no sooner than one that fails.
    const askedMs = error instanceof RateLimited || error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0;
    return askedMs > 0 ? { waitMs: Math.max(askedMs, waitMs), hasFailed: false } : { waitMs, hasFailed: true };
  }
}
