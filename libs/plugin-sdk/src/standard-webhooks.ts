import { createHmac } from 'node:crypto';
import { InvalidCredentials, InvalidSignature } from './errors.js';
import { isSameText } from './is-same-text.js';
import { requireFresh } from './require-fresh.js';
import type { WebhookTrigger } from './source.js';

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** A secret as Standard Webhooks writes it: `whsec_` and 24 to 64 random bytes in base64. */
export const STANDARD_WEBHOOKS_SECRET_PATTERN = '^whsec_[A-Za-z0-9+/]{32,86}={0,2}$';

/** The headers of one signed message. */
export type StandardWebhooksHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/**
 * Signs a message per Standard Webhooks, section "Signature scheme": HMAC-SHA256 over `id.timestamp.body`. `now` is epoch ms; `secret` is `whsec_<base64>`.
 *
 * @throws InvalidCredentials when the secret is not of that form.
 * @example const headers = standardWebhooksSign({ id: idempotencyKey, now, body, secret: settings.secret });
 */
export function standardWebhooksSign({ id, now, body, secret }: { id: string; now: number; body: string; secret: string }): StandardWebhooksHeaders {
  const key = keyOf(secret);
  if (key === undefined) throw new InvalidCredentials('The signing secret is not of the form whsec_<base64>.');
  const timestamp = String(Math.floor(now / 1000));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signatureOf(key, id, timestamp, body)}` };
}

/**
 * Builds the `verify` of a webhook trigger for senders that follow Standard Webhooks. Several signatures, divided by spaces, allow for a rotation of secrets.
 *
 * @throws InvalidSignature (from the built function) when a header is missing, none of the signatures matches, or the timestamp is more than 5 minutes off.
 * @example webhook({ verify: standardWebhooksVerify({ secret: (s) => s.secret }) })
 */
export function standardWebhooksVerify<S>(options: { secret(settings: S): string; maxAgeSeconds?: number }): WebhookTrigger<S>['verify'] {
  return ({ headers, body }, settings, { now }) => {
    const { 'webhook-id': id, 'webhook-signature': signatures } = headers;
    const key = keyOf(options.secret(settings));
    if (key === undefined) throw new InvalidSignature('The connection has no signing secret.');
    if (id === undefined || signatures === undefined) throw new InvalidSignature('The signature is missing.');
    const timestamp = requireFresh(headers['webhook-timestamp'], now, options.maxAgeSeconds ?? 300);
    const expected = `v1,${signatureOf(key, id, timestamp, body)}`;
    if (!signatures.split(' ').some((given) => isSameText(given, expected))) throw new InvalidSignature();
  };
}

function keyOf(secret: string): Buffer | undefined {
  const base64 = SECRET.exec(secret)?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

function signatureOf(key: Buffer, id: string, timestamp: string, body: string | Uint8Array): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}
