import { classifyResponse, InvalidPayload, RateLimited, readRetryAfter, type HttpClient, type HttpRequest, type HttpResponse, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';
import type { HubspotSettings } from './settings.js';

/** What a call needs of the context that the host hands in. */
export interface HubspotContext {
  settings: HubspotSettings;
  http: HttpClient;
  signal: AbortSignal;
  /** Epoch ms; absent where the host gives none. */
  now?: number;
}

/** HubSpot takes a request, or one record of it, as wrong: `category` is its name for why, e.g. `OBJECT_NOT_FOUND`. */
export class HubspotRefusal extends InvalidPayload {
  constructor(
    detail: string,
    readonly category: string | undefined,
  ) {
    super(detail);
  }
}

/** HubSpot asks for at least two seconds after 423 Locked (API docs, "Error handling"). */
const LOCKED_MS = 2000;

/**
 * Calls HubSpot's API. `path` begins with a slash; an answer with a status of `alsoFine` is given back too.
 *
 * @throws InvalidCredentials, RateLimited, RetryableError, InvalidPayload: as {@link classifyResponse}, {@link HubspotRefusal} of the latter for 400, 404 and 409; 423 (locked) and 477 (account moves) wait. The
 * detail names HubSpot's error category and codes, never its message, which quotes values.
 */
export async function callHubspot(
  { settings, http, signal, now }: HubspotContext, method: HttpRequest['method'], path: string, json?: JsonValue, alsoFine: readonly number[] = [],
): Promise<HttpResponse> {
  const url = `${settings.apiBaseUrl.replace(/\/+$/, '')}${path}`;
  const response = await http.request({ method, url, headers: { authorization: `Bearer ${settings.accessToken}` }, json }, { signal });
  const { status, headers } = response;
  if (alsoFine.includes(status)) return response;
  const retryAfterMs = readRetryAfter(headers['retry-after'], now ?? Date.now());
  if (status === 423) throw new RateLimited(Math.max(retryAfterMs ?? 0, LOCKED_MS), 'HubSpot answered 423: the records are locked.');
  if (status === 477) throw new RateLimited(retryAfterMs, 'HubSpot answered 477: the account is being moved.');
  if (status === 429) throw new RateLimited(retryAfterMs ?? readInterval(headers), 'HubSpot answered 429: too many requests.');
  if (status === 400 || status === 404 || status === 409) throw refusal(response);
  classifyResponse(response, now);
  return response;
}

/** The window of the burst limit, where HubSpot names it (API docs, "Usage guidelines"). */
function readInterval(headers: Record<string, string>): number | undefined {
  const text = headers['x-hubspot-ratelimit-interval-milliseconds'] ?? '';
  return /^\d{1,8}$/.test(text) ? Number(text) : undefined;
}

const CATEGORIES: Partial<Record<number, string>> = { 404: 'OBJECT_NOT_FOUND', 409: 'CONFLICT' };

function refusal(response: HttpResponse): HubspotRefusal {
  const { status } = response;
  const { category, codes } = readProblem(response);
  const described = `${category === undefined ? '' : ` ${category}`}${codes.length > 0 ? ` (${codes.join(', ')})` : ''}`;
  return new HubspotRefusal(`HubSpot answered ${status}${described}.`, category ?? CATEGORIES[status]);
}

function readProblem(response: HttpResponse): { category?: string; codes: string[] } {
  let body: JsonValue;
  try {
    body = response.json();
  } catch {
    return { codes: [] };
  }
  if (!isObject(body)) return { codes: [] };
  const details = Array.isArray(body.errors) ? body.errors.filter(isObject) : [];
  const codes = [...new Set(details.map(({ code }) => code).filter(isCode))];
  return isCode(body.category) ? { category: body.category, codes } : { codes };
}

/** An error code such as `PROPERTY_DOESNT_EXIST`; anything else may quote a value. */
export function isCode(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^[A-Z][A-Z_]{2,59}$/.test(value);
}
