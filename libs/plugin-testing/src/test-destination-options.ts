import type { DestinationDefinition, JsonObject, PluginDefinition } from '@firsthand/plugin-sdk';
import type { FakeRespond } from './fake-http.js';

export interface TestDestinationOptions {
  settings: JsonObject;
  /** Valid payloads, at least one, as a mapping gives them. Their strings must not appear in errors or log lines. */
  payloads: readonly JsonObject[];
  /** Plays the vendor when all is well. Default: 200 without a body; what `ask` is tested with must answer with a JSON object. */
  respond?: FakeRespond;
  /** For `listRecords`: a vendor with several pages, how many records these hold together, and the fields to ask for (default: all). */
  list?: { respond: FakeRespond; records: number; fields?: readonly string[] };
  /** Answers that must stop a delivery. Default 400, 404 (not for removals), 409, 413 and 422. */
  stopStatuses?: readonly number[];
  /** Answers that must be retried. Default 408, 429, 500, 502, 503. */
  retryStatuses?: readonly number[];
  /** Epoch ms. Default 2026-11-24T08:00Z. */
  now?: number;
}

/** A destination under test. */
export interface DestinationSubject {
  plugin: PluginDefinition;
  destination: DestinationDefinition;
  /** Checked, defaults filled in. */
  settings: JsonObject;
  options: TestDestinationOptions & { now: number };
}
