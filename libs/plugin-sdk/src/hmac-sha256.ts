import { createHmac } from 'node:crypto';
import { InvalidSignature } from './errors.js';
import { isSameText } from './is-same-text.js';
import { requireFresh } from './require-fresh.js';
import type { WebhookRequest, WebhookTrigger } from './source.js';

/** How a vendor signs its webhooks with HMAC-SHA256 (RFC 2104). */
export interface HmacSha256Options<S> {
  /** Header that holds the signature, any case. */
  header: string;
  encoding: 'hex' | 'base64';
  /** What stands before the signature, e.g. `sha256=`. */
  prefix?: string;
  /** The signing secret; its UTF-8 bytes are the key. */
  secret(settings: S): string;
  /** Header with the moment of signing: Unix time in seconds or milliseconds. Stale requests are refused. */
  timestampHeader?: string;
  /** How far the timestamp may be from now, either way. Default 300. */
  maxAgeSeconds?: number;
  /** The signed bytes, in order. Default: the body, or `<timestamp>.<body>` with a timestamp header: a timestamp that is not signed proves nothing. */
  signedContent?(request: WebhookRequest, timestamp: string): readonly (string | Uint8Array)[];
}

/**
 * Builds the `verify` of a webhook trigger. Compares in constant time; an empty secret matches nothing.
 *
 * @throws InvalidSignature (from the built function) when the signature is missing, wrong, truncated or stale.
 * @example webhook({ verify: hmacSha256({ header: 'x-hub-signature-256', prefix: 'sha256=', encoding: 'hex', secret: (s) => s.secret }) })
 */
export function hmacSha256<S>(options: HmacSha256Options<S>): WebhookTrigger<S>['verify'] {
  const header = options.header.toLowerCase();
  const timestampHeader = options.timestampHeader?.toLowerCase();
  const { encoding, prefix = '', maxAgeSeconds = 300 } = options;

  return (request, settings, { now }) => {
    const given = request.headers[header];
    const secret = options.secret(settings);
    if (given === undefined || !given.startsWith(prefix)) throw new InvalidSignature('The signature is missing.');
    if (typeof secret !== 'string' || secret === '') throw new InvalidSignature('The connection has no signing secret.');
    const timestamp = timestampHeader === undefined ? '' : requireFresh(request.headers[timestampHeader], now, maxAgeSeconds);

    const hmac = createHmac('sha256', secret);
    for (const part of signedContent(request, timestamp, options)) hmac.update(part);
    const signature = given.slice(prefix.length);
    if (!isSameText(encoding === 'hex' ? signature.toLowerCase() : signature, hmac.digest(encoding))) throw new InvalidSignature();
  };
}

function signedContent<S>(request: WebhookRequest, timestamp: string, options: HmacSha256Options<S>): readonly (string | Uint8Array)[] {
  if (options.signedContent !== undefined) return options.signedContent(request, timestamp);
  return timestamp === '' ? [request.body] : [`${timestamp}.`, request.body];
}
