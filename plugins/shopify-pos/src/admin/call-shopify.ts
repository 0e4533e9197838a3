import { classifyResponse, InvalidCredentials, RateLimited, RetryableError, type HttpClient, type HttpResponse, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';
import type { ShopifySettings } from '../settings.js';
import { problemOf } from './problem-of.js';

/** What a call needs of the context that the host hands in. */
export interface ShopifyContext {
  settings: ShopifySettings;
  http: HttpClient;
  signal: AbortSignal;
  /** Epoch ms. */
  now: number;
}

/** What Shopify answers: the data by name, and what failed of it by the same names. */
export interface ShopifyAnswer {
  data: JsonObject;
  failures: ReadonlyMap<string, Error>;
}

const DEFAULT_VERSION = '2026-10';

/**
 * Asks the shop's GraphQL Admin API once. What failed as a whole is thrown, what failed for one of the names asked for stands beside the rest.
 *
 * @throws InvalidCredentials without an access token, with a wrong one or one that lacks a scope; RateLimited when the bucket of query costs is empty, with the time until it holds
 * enough again; RetryableError, InvalidPayload. The detail names Shopify's code, never its message, which quotes values.
 * @example (await callShopify(context, 'query { shop { myshopifyDomain } }', {})).data.shop
 */
export async function callShopify({ settings, http, signal, now }: ShopifyContext, query: string, variables: JsonObject): Promise<ShopifyAnswer> {
  const { shop, accessToken = '', apiVersion = DEFAULT_VERSION, apiBaseUrl = `https://${shop}` } = settings;
  if (accessToken === '') throw new InvalidCredentials('The connection has no access token for the Admin API.');
  const url = `${apiBaseUrl.replace(/\/+$/, '')}/admin/api/${apiVersion}/graphql.json`;
  const response = await http.request({ method: 'POST', url, headers: { 'x-shopify-access-token': accessToken }, json: { query, variables } }, { signal });
  checkStatus(response, now);
  return readAnswer(response.json());
}

/** Statuses of Shopify's own ("Response status and error codes"): a shop whose bill is open, one that is locked, and one that takes a client for abusive. All of them pass. */
function checkStatus(response: HttpResponse, now: number): void {
  const { status } = response;
  if (status === 402 || status === 423) throw new RetryableError(`Shopify answered ${status}: the shop is ${status === 402 ? 'frozen' : 'locked'}.`);
  if (status === 430) throw new RateLimited(undefined, 'Shopify answered 430: requests are refused for a while.');
  classifyResponse(response, now);
}

function readAnswer(answer: JsonValue): ShopifyAnswer {
  if (!isObject(answer)) throw new RetryableError('Shopify gave an answer that is no object.');
  const { data, errors, extensions } = answer;
  const problems = Array.isArray(errors) ? errors.filter(isObject) : [];
  const failures = new Map<string, Error>();
  for (const problem of problems) {
    const [name] = Array.isArray(problem.path) ? problem.path : [];
    const error = problemOf(problem, extensions);
    // Without a name it meant the request as a whole; without data nothing else came of it.
    if (typeof name !== 'string' || !isObject(data)) throw error;
    failures.set(name, error);
  }
  if (!isObject(data)) throw new RetryableError('Shopify gave an answer without data.');
  return { data, failures };
}
