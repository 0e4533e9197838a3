import { isIP } from 'node:net';
import { InvalidPayload, PluginError, RetryableError, type HttpClient, type HttpResponse } from '@firsthand/plugin-sdk';
import { AddressForbidden } from './address-forbidden.js';
import { exchange, type Answer } from './exchange.js';
import { isPublicAddress } from './is-public-address.js';
import { PoolPerOrigin } from './pool-per-origin.js';
import type { LookupAll } from './public-lookup.js';
import { requestBody } from './request-body.js';
import { urlHost } from './url-host.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 30_000;

export interface HttpClientOptions {
  /** The operator's word that private addresses may be called. */
  allowPrivateAddresses: boolean;
  userAgent: string;
  /** Bytes of an answer that are kept. Default 1 MB. */
  maxBodyBytes?: number;
  /** Resolves names; Node's by default. */
  lookup?: LookupAll;
}

/** The host's client, to be closed at shutdown. */
export interface HostHttpClient extends HttpClient {
  /** Waits for the requests under way, then closes every socket. */
  close(): Promise<void>;
}

/**
 * Makes the client that every plugin is handed: one connection pool per origin, no redirects followed, 10 s (at most 30 s) for a request as a
 * whole, an answer cut off at `maxBodyBytes`. Unless `allowPrivateAddresses`, it connects to public addresses only, checked on the address that
 * the socket then uses.
 *
 * Its `request` throws InvalidPayload for a request that can never be sent (bad URL, forbidden address, two bodies), and RetryableError for
 * everything that happens on the network, a time-out and an abort included.
 *
 * @example const http = createHttpClient({ allowPrivateAddresses: false, userAgent: 'Firsthand/0.1.0' });
 */
export function createHttpClient({ allowPrivateAddresses, userAgent, maxBodyBytes = 1_048_576, lookup }: HttpClientOptions): HostHttpClient {
  const pools = new PoolPerOrigin({ allowPrivateAddresses, lookup });

  return {
    async request(request, { signal, startWithinMs } = {}) {
      const url = checkedUrl(request.url, allowPrivateAddresses);
      const { headers, body } = requestBody(request, { 'user-agent': userAgent });
      try {
        return toResponse(await exchange(pools.of(url.origin), { method: request.method, path: `${url.pathname}${url.search}`, headers, body }, {
          timeoutMs: Math.min(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS), maxBytes: maxBodyBytes, signal, startWithinMs,
        }));
      } catch (error) {
        throw toPluginError(error);
      }
    },
    close: () => pools.close(),
  };
}

/** A host written as an address is connected to without a lookup, so it is checked here. */
function checkedUrl(text: string, allowPrivateAddresses: boolean): URL {
  const url = parsedUrl(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new InvalidPayload('The URL of the request is not http or https.');
  if (url.username !== '' || url.password !== '') throw new InvalidPayload('The URL of the request holds a user name or password.');
  const host = urlHost(url);
  if (!allowPrivateAddresses && isIP(host) !== 0 && !isPublicAddress(host)) throw forbidden();
  return url;
}

/** Each delivery comes through here: a look whether it can be parsed would parse it twice. */
function parsedUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new InvalidPayload('The URL of the request is not valid.');
  }
}

function forbidden(): InvalidPayload {
  return new InvalidPayload('The address of the request is not one of the public internet.');
}

function toPluginError(error: unknown): PluginError {
  if (error instanceof PluginError) return error;
  if (error instanceof AddressForbidden) return forbidden();
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'UND_ERR_INVALID_ARG') return new InvalidPayload('The request has a header or method that cannot be sent.');
  // Only the code: messages of the network layer may quote the URL.
  return new RetryableError(`The request failed on the network (${code}).`);
}

function toResponse({ statusCode, headers, text }: Answer): HttpResponse {
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? ''])),
    text,
    json() {
      try {
        return JSON.parse(text);
      } catch {
        throw new RetryableError('The answer is not JSON.');
      }
    },
  };
}
