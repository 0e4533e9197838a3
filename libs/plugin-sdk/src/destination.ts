import type { JsonObject, JsonValue, RecipientKind } from '@firsthand/domain';
import type { Fields, ValuesOf } from './fields.js';
import type { HttpClient, PluginLog } from './http-client.js';

/** What a destination is handed besides the payload. */
export interface SendContext<S> {
  settings: S;
  http: HttpClient;
  log: PluginLog;
  signal: AbortSignal;
  /** Epoch ms. */
  now: number;
}

/** One payload of a batch: validated, only fields that consent covers. */
export interface SendItem<P> {
  payload: P;
  /** The same on every try of this delivery, and unique to it. */
  idempotencyKey: string;
}

/** The result for one item of a batch: nothing, or the error that says what to do. */
export type SendResult = { ok: true } | { ok: false; error: Error };

/**
 * How a second send of the same delivery is kept harmless:
 * `key` the vendor deduplicates by our key; `natural` the call is an upsert or set operation; `receiver` the receiver must deduplicate by the id we send.
 */
export type Idempotency = 'key' | 'natural' | 'receiver';

/** Members of an audience as the vendor lists them: the identifiers of each, as they would be sent; and the cursor of the next page. */
export interface MemberPage<P = Record<string, unknown>> {
  members: Partial<P>[];
  /** Null at the end. */
  next: string | null;
}

/** A page of what a system holds: raw records in the shape that a source of the same plugin reads, and the cursor of the next page. */
export interface RecordPage {
  records: JsonValue[];
  /** Null at the end. */
  next: string | null;
}

/** How a destination lists what its system holds. */
export interface RecordListing<F extends Fields = Fields> {
  /** The source of the same plugin whose mapping reads the records. Of a thin source they are the full ones, as its `fetch` would give them. */
  source: string;
  /**
   * One page, each record once and as it is now, whoever wrote it. `fields` are those of the destination that are asked for, e.g. `phone` or `properties.favorite_food`; the identifiers
   * come besides. The cursor is stored between calls; the same one may be asked for again. One call should be one request. Throws the SDK's errors.
   */
  page(context: SendContext<ValuesOf<F>> & { cursor: string | null; fields: readonly string[] }): Promise<RecordPage>;
}

export interface DestinationDefinition<F extends Fields = Fields, P extends Fields = Fields> {
  label: string;
  description: string;
  /** `event`: sent once per event; `profile`: state, the newest wins; `membership`: enters and leaves an audience. */
  accepts: 'event' | 'profile' | 'membership';
  /** What the connection form suggests; the connection decides. */
  suggests: { purpose: string; recipient: RecipientKind };
  idempotency: Idempotency;
  /** The channel on which the person notices it, where it is always the same, e.g. `ads`: who refuses the channel is not sent there, and is taken out. */
  channel?: string;
  fields: P;
  /**
   * Namespaces in which the system gives out ids of its own, and whether an id is of the account of these settings: of a person who is known to several systems a mapping reads the first that is,
   * and none where none is. See to it in the handlers too: a mapping may fill a field from elsewhere.
   */
  ownIds?(settings: ValuesOf<F>): Readonly<Record<string, (id: string) => boolean>>;
  /** Payload fields that identify the person at the vendor. Kept (as sent) so that a later removal carries only what this recipient already got. */
  identifiers: readonly (keyof P & string)[];
  /** Sends one. Needed unless `sendBatch` or `addMembers` is there. Throws the SDK's errors. */
  send?(context: SendContext<ValuesOf<F>> & SendItem<ValuesOf<P>>): Promise<void>;
  /**
   * Sends one and gives what the receiver answers: a JSON object of 16 KB and 8 levels at most, which steps of a flow read. Called for a `call` step only; the same
   * `idempotencyKey` may come again, and should be given the same answer. Throws the SDK's errors, InvalidAnswer where the answer cannot be used.
   */
  ask?(context: SendContext<ValuesOf<F>> & SendItem<ValuesOf<P>>): Promise<JsonObject>;
  /** Sends many in one request; one result per item, in order. Throws when all failed alike. */
  sendBatch?(context: SendContext<ValuesOf<F>> & { items: readonly SendItem<ValuesOf<P>>[] }): Promise<SendResult[]>;
  /**
   * Items per `sendBatch`, `addMembers`, `removeMembers` or `erase` call; a function where the settings decide. One call should be one request:
   * the decision that allows a send holds for a second, so a handler that makes many requests of one call may send too late.
   */
  // Written as a method's type: a plugin of given settings must stay assignable to a plugin of any.
  maxBatchSize?: number | { of(settings: ValuesOf<F>): number }['of'];
  addMembers?(context: SendContext<ValuesOf<F>> & { items: readonly SendItem<ValuesOf<P>>[] }): Promise<SendResult[]>;
  /** Takes people out. Payloads carry only `identifiers`. Needs no consent. */
  removeMembers?(context: SendContext<ValuesOf<F>> & { items: readonly SendItem<Partial<ValuesOf<P>>>[] }): Promise<SendResult[]>;
  /** Those of the `identifiers` that name an audience and not a person, such as a list: its members are listed apart. None when left out: the settings name it. */
  audience?: readonly (keyof P & string)[];
  /**
   * Lists who is in an audience, page by page, whoever put them there: a full compare finds by it what was changed at the vendor. `audience` has the identifiers that
   * name it; a member may be given under several addresses, once each. Throws the SDK's errors.
   */
  listMembers?(context: SendContext<ValuesOf<F>> & { audience: Partial<ValuesOf<P>>; cursor: string | null }): Promise<MemberPage<ValuesOf<P>>>;
  /** Lists what the system holds, so that it can be compared with what we hold: for a destination that accepts `profile`. */
  listRecords?: RecordListing<F>;
  /** Makes the vendor forget the person. Payloads carry only `identifiers`. Needs no consent. */
  erase?(context: SendContext<ValuesOf<F>> & { items: readonly SendItem<Partial<ValuesOf<P>>>[] }): Promise<SendResult[]>;
  /** For how many days the vendor may take to carry out an `erase`, and then tell of it as of any other deletion: that is no request of the person. What it tells of within a quarter of an hour needs no word. */
  eraseToldWithinDays?: number;
}
