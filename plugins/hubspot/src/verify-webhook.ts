import { hmacSha256, jsonRecords, type JsonValue, type WebhookTrigger } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';
import type { HubspotSettings } from './settings.js';

/** The characters that HubSpot decodes in the address before it signs; every other percent-encoding stays. */
const DECODED = new Map([
  ['%3A', ':'], ['%2F', '/'], ['%3F', '?'], ['%40', '@'], ['%21', '!'], ['%24', '$'], ['%27', "'"], ['%28', '('], ['%29', ')'], ['%2A', '*'], ['%2C', ','], ['%3B', ';'],
]);

const checkSignature = hmacSha256<HubspotSettings>({
  header: 'x-hubspot-signature-v3',
  encoding: 'base64',
  secret: ({ clientSecret }) => clientSecret ?? '',
  timestampHeader: 'x-hubspot-request-timestamp',
  maxAgeSeconds: 300,
  signedContent: ({ method, url, body }, timestamp) => [method, signedUrl(url), body, timestamp],
});

/**
 * Checks a webhook's signature of version 3: HMAC-SHA256 with the client secret, in base64, over method, address, body and timestamp, at most five
 * minutes old. The older versions 1 and 2 have no timestamp, could be replayed and are not taken. An app may serve several accounts: events of
 * others than the connection's are left out. https://developers.hubspot.com/docs/api/webhooks/validating-requests
 *
 * @throws InvalidSignature; MalformedBody when a signed body is no JSON.
 */
export const verifyWebhook: WebhookTrigger<HubspotSettings>['verify'] = (request, settings, context) => {
  checkSignature(request, settings, context);
  const events = jsonRecords(request.body);
  const own = events.filter((event) => isOfAccount(event, settings.portalId));
  return own.length === events.length ? undefined : Buffer.from(JSON.stringify(own));
};

function signedUrl(url: string): string {
  return url.replace(/%[0-9a-f]{2}/gi, (encoded) => DECODED.get(encoded.toUpperCase()) ?? encoded);
}

function isOfAccount(event: JsonValue, portalId: string): boolean {
  return isObject(event) && String(event.portalId) === portalId;
}
