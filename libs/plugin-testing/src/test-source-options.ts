import type { CanonicalRecord } from '@firsthand/domain';
import type { JsonObject, JsonValue, PluginDefinition, SourceDefinition, WebhookRequest } from '@firsthand/plugin-sdk';
import type { FakeRespond } from './fake-http.js';

/** The part of a canonical record that must be as given; `flags` is `[]` unless named. */
export type ExpectedRecord = Partial<CanonicalRecord>;

/** One input in the vendor's shape, and what it must become. */
export interface SourceFixture {
  /** Shown in the test's name. */
  name?: string;
  /** A webhook's body: text and bytes are sent as they are, anything else as JSON. For other triggers: one raw record. */
  body: JsonValue | Uint8Array;
  /** Headers of a webhook, e.g. its topic; names in lower case. */
  headers?: Record<string, string>;
  query?: Record<string, string>;
  /** One record, or several in order; `[]` when the host must store nothing. */
  expected: ExpectedRecord | readonly ExpectedRecord[];
}

export interface TestSourceOptions {
  settings: JsonObject;
  fixtures: readonly SourceFixture[];
  /** Webhooks: gives the request with the headers or query parameters of a good signature, made at `now` (epoch ms). Nothing else may be added. */
  sign?(request: WebhookRequest, context: { now: number }): WebhookRequest;
  /** Webhooks whose signature has a time: after how many seconds it is refused. */
  maxAgeSeconds?: number;
  /** Plays the vendor for `fetch`, when the source has it. */
  respond?: FakeRespond;
  /** Polls: a vendor with several pages, and how many records these hold together. */
  poll?: { respond: FakeRespond; records: number };
  /** Country of the connection that national phone numbers are read in. */
  defaultCountry?: string;
  /** Epoch ms; default 2030-01-01, after any fixture. */
  now?: number;
}

/** A source under test. */
export interface SourceSubject {
  plugin: PluginDefinition;
  source: SourceDefinition;
  /** Checked, defaults filled in. */
  settings: JsonObject;
  options: TestSourceOptions & { now: number };
}
