import type { FileTrigger, PollTrigger, TrackingApiTrigger, WebhookTrigger } from './source.js';

/**
 * The vendor calls `POST /hooks/:workspaceId/:connectionId`. `verify` is one of the signature builders, or the plugin's own.
 *
 * @example webhook({ verify: hmacSha256({ header: 'x-acme-signature', encoding: 'hex', secret: (s) => s.secret }) })
 */
export function webhook<S>(options: Omit<WebhookTrigger<S>, 'kind'>): WebhookTrigger<S> {
  return { kind: 'webhook', ...options };
}

/**
 * The host calls the vendor every `everySeconds` and stores the cursor together with the page's records.
 *
 * @example poll({ everySeconds: 300, async poll({ settings, cursor, http, signal }) { … return { records, cursor: next, hasMore }; } })
 */
export function poll<S>(options: Omit<PollTrigger<S>, 'kind'>): PollTrigger<S> {
  return { kind: 'poll', ...options };
}

/**
 * The operator sends files to `POST /import/:connectionId`; each row or line is one record.
 *
 * @example file({ formats: ['csv', 'ndjson'] })
 */
export function file(options: Omit<FileTrigger, 'kind'>): FileTrigger {
  return { kind: 'file', ...options };
}

/**
 * Records come over the host's own Segment-compatible HTTP API (`POST /v1/track` and its like).
 *
 * @example trackingApi()
 */
export function trackingApi(): TrackingApiTrigger {
  return { kind: 'trackingApi' };
}
