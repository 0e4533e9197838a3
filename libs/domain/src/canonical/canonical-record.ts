import type { ConsentMethod } from '../consent/consent.js';
import type { JsonObject, JsonValue } from '../json.js';

/** The six calls of the Segment spec, and `delete` for a system that says a person is gone there. */
export type RecordType = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias' | 'delete';

/** One normalised identity of a person. `namespace` is one of the names in `identity/namespaces.ts`. */
export interface Identity {
  namespace: string;
  value: string;
}

/** Which text somebody agreed to, when and how. Each may be missing. */
export interface ConsentProofFacts {
  /** SHA-256 (hex) of the text. */
  textHash?: string;
  /** Epoch ms. */
  decidedAt?: number;
  /** One of the methods of a consent record. */
  method?: ConsentMethod;
}

/** What a mapping gives for one raw record, checked against the dictionary: the only shape that enters the pipeline. */
export interface CanonicalRecord {
  type: RecordType;
  /** Title Case "Object Action", e.g. `Order Completed`; for page and screen `Page Viewed` / `Screen Viewed`; for identify `Profile Updated`. */
  name: string;
  /** Never empty; derived from the raw record when the source gives none. */
  messageId: string;
  /** When it happened, epoch milliseconds; clamped to the receipt time when it lies in the future. */
  occurredAt: number;
  /** Normalised, unique, in rank order of their namespaces. Never empty. */
  identities: Identity[];
  /** Canonical profile fields by name (`email`, `firstName`, `custom.shoeSize`); null unsets. */
  profile: Record<string, JsonValue>;
  /** Canonical event properties by name. */
  properties: JsonObject;
  order?: JsonObject;
  product?: JsonObject;
  store?: JsonObject;
  /** What the record itself says of consent: purpose or category key to granted (true) or denied (false). */
  consents: Record<string, boolean>;
  /** What proves a consent that was given elsewhere, as a file tells it. */
  consentProof?: ConsentProofFacts;
  /** Page, device, campaign, locale …: canonical context fields. */
  context: JsonObject;
  /** What was repaired on the way in, e.g. `occurred-at-clamped`, `property-dropped:foo`. */
  flags: string[];
}
