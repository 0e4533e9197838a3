import type { JsonValue, Mapping } from '@firsthand/domain';
import type { Fields, ValuesOf } from './fields.js';
import type { HttpClient, PluginLog } from './http-client.js';

/** A request as it came: header names in lower case, the body as bytes, the path and query as sent. */
export interface WebhookRequest {
  method: string;
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: Uint8Array;
  /** The URL the vendor called: the operator's PUBLIC_URL plus the path and query. */
  url: string;
}

/** What the host answers on the plugin's behalf. */
export interface WebhookResponse {
  status: number;
  contentType: string;
  body: string;
}

export interface WebhookTrigger<S> {
  kind: 'webhook';
  /**
   * Throws InvalidSignature unless the request is the vendor's. May give back other bytes (a decrypted body) for `records`.
   * `now` is epoch ms. Comparisons are constant-time.
   */
  verify(request: WebhookRequest, settings: S, context: { now: number }): Uint8Array | void;
  /** Answers a request that carries no records (a GET echo check), or undefined to go on. Runs after its own check of the signature. */
  handshake?(request: WebhookRequest, settings: S, context: { now: number }): WebhookResponse | undefined;
  /** What to answer when the records are stored. Default 200 and `{"status":"ok"}`. */
  acknowledge?: WebhookResponse;
  /** Default 1 MB. */
  maxBodyBytes?: number;
}

export interface PollTrigger<S> {
  kind: 'poll';
  everySeconds: number;
  /** One page. `cursor` is what the last page gave (undefined at first); it is stored together with the page's records. */
  poll(context: { settings: S; cursor: JsonValue | undefined; http: HttpClient; log: PluginLog; signal: AbortSignal; now: number }): Promise<{
    records: JsonValue[];
    cursor: JsonValue;
    hasMore: boolean;
  }>;
}

/** Files sent to `POST /import/:connectionId`: CSV rows (an object by header) or NDJSON lines, streamed. */
export interface FileTrigger {
  kind: 'file';
  formats: readonly ('csv' | 'ndjson')[];
}

/** The host's own Segment-compatible HTTP API; each message of a call is one record. */
export interface TrackingApiTrigger {
  kind: 'trackingApi';
}

export type Trigger<S> = WebhookTrigger<S> | PollTrigger<S> | FileTrigger | TrackingApiTrigger;

export interface SourceDefinition<F extends Fields = Fields> {
  label: string;
  description: string;
  /** The event names that its mapping can give. */
  emits: readonly string[];
  trigger: Trigger<ValuesOf<F>>;
  /** Bytes in, raw records out: pure. Webhook sources need it; throws MalformedBody. `headers` for vendors that put the topic there. */
  records?(input: { body: Uint8Array; headers: Record<string, string | undefined>; query: Record<string, string | undefined> }): Iterable<JsonValue>;
  /** For thin sources: given raw records that carry only ids, gives the full ones, in the same order; null for one that is gone. Run by a worker, with retries. */
  fetch?(context: { records: JsonValue[]; settings: ValuesOf<F>; http: HttpClient; log: PluginLog; signal: AbortSignal }): Promise<(JsonValue | null)[]>;
  /** Raw record → canonical. An operator may override it per connection. */
  mapping: Mapping;
  /** A raw record in the vendor's shape, used by docs and mapping previews. */
  sample: JsonValue;
}
