import { RetryableError, type HttpClient, type HttpRequest, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { graphError } from './graph-error.js';
import { isObject } from './is-object.js';
import type { MetaSettings } from './settings.js';

/** What a call needs of the context that the host hands in. */
export interface GraphContext {
  settings: MetaSettings;
  http: HttpClient;
  signal: AbortSignal;
  /** Epoch ms. */
  now: number;
}

/**
 * Calls Meta's Graph API. `path` begins with a slash and comes after the version. The token goes into a header: an address may be logged.
 *
 * @throws InvalidCredentials, RateLimited, RetryableError, InvalidPayload: see {@link graphError}.
 */
export async function callGraph({ settings, http, signal, now }: GraphContext, method: HttpRequest['method'], path: string, json?: JsonValue): Promise<JsonObject> {
  const url = `${settings.apiBaseUrl.replace(/\/+$/, '')}/${settings.apiVersion}${path}`;
  const response = await http.request({ method, url, headers: { authorization: `Bearer ${settings.accessToken}` }, json }, { signal });
  const error = graphError(response, now);
  if (error !== undefined) throw error;
  const answer = response.json();
  if (!isObject(answer)) throw new RetryableError('Meta gave an answer that is no object.');
  return answer;
}
