import { InvalidCredentials, InvalidPayload, RateLimited, RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';

const PASSING = new Set(['INTERNAL_SERVER_ERROR', 'TIMEOUT', 'SERVICE_UNAVAILABLE', 'SHOP_INACTIVE']);
const DENIED = new Set(['ACCESS_DENIED', 'UNAUTHORIZED']);
/** How Shopify says that an app may not read protected customer data. It documents no code for it: the field is null beside it, or the whole answer is ("Work with protected customer data"). */
const UNAPPROVED = /^This app is not approved to (?:access|use) /;
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 60_000;

/**
 * The SDK's error for one of the `errors` of an answer, by its code: messages quote values, and none is repeated. `extensions` are those of the answer: they say how long a throttled request
 * waits ("API limits": the bucket must hold the cost that was asked for).
 *
 * @example problemOf({ message: 'Throttled', extensions: { code: 'THROTTLED' } }, extensions) // RateLimited
 */
export function problemOf({ message, extensions: own }: JsonObject, extensions: JsonValue | undefined): Error {
  if (typeof message === 'string' && UNAPPROVED.test(message)) return new InvalidCredentials('Shopify denied access to protected customer data: the app needs approval for names, emails and phones, or the shop another plan.');
  const code = isObject(own) && isCode(own.code) ? own.code : undefined;
  if (code === undefined) return new RetryableError('Shopify answered with an error without a code.');
  if (code === 'THROTTLED') return new RateLimited(waitMs(extensions), 'Shopify throttles requests: the bucket of query costs is empty.');
  if (DENIED.has(code)) return new InvalidCredentials(`Shopify denied access: ${code}. The access token may lack a scope.`);
  if (PASSING.has(code)) return new RetryableError(`Shopify failed: ${code}.`);
  return new InvalidPayload(`Shopify refused the request: ${code}.`);
}

/** A code such as `TAKEN` or `undefinedField`; anything else may quote a value. */
export function isCode(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z_]{1,59}$/.test(value);
}

function waitMs(extensions: JsonValue | undefined): number | undefined {
  const cost = isObject(extensions) ? extensions.cost : undefined;
  const status = isObject(cost) ? cost.throttleStatus : undefined;
  if (!isObject(cost) || !isObject(status)) return undefined;
  const { requestedQueryCost: requested } = cost;
  const { currentlyAvailable: available, restoreRate } = status;
  if (typeof requested !== 'number' || typeof available !== 'number' || typeof restoreRate !== 'number' || restoreRate <= 0) return undefined;
  return Math.min(Math.max(Math.ceil(((requested - available) / restoreRate) * 1000), MIN_WAIT_MS), MAX_WAIT_MS);
}
