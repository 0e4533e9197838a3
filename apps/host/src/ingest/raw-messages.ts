import { deriveMessageId, type JsonObject, type JsonValue } from '@firsthand/domain';

/** What the whole request says of its messages. */
export interface Envelope {
  /** Epoch ms. */
  receivedAt: number;
  /** The call that the path names; inside a batch each message names its own. */
  type?: string;
  sentAt?: JsonValue | undefined;
  context?: JsonValue | undefined;
  /** Whether the browser sent `Sec-GPC: 1` (Global Privacy Control). */
  hasGpc?: boolean;
}

/**
 * Makes the raw record of one message: times as ISO texts, the sender's clock corrected as the Segment spec has it ("Spec: Common Fields",
 * Timestamps): `timestamp = receivedAt - (sentAt - originalTimestamp)`, with the sender's own time kept in `originalTimestamp`. The write key is
 * taken out. The message is changed in place: it was parsed for nothing else. A message without an id that says when it happened gets one derived from what the sender sent, so that sending it again is no second event.
 *
 * @example toRawMessage({ event: 'Product Viewed', userId: 'u-1', timestamp: '…', sentAt: '…' }, { type: 'track', receivedAt })
 */
export function toRawMessage(message: JsonObject, envelope: Envelope): JsonObject {
  const sent = message.originalTimestamp ?? message.timestamp;
  const sentAt = message.sentAt ?? envelope.sentAt;
  if (message.writeKey !== undefined) delete message.writeKey;
  if (envelope.type !== undefined) message.type = envelope.type;
  if (isAbsent(message.context) && isObject(envelope.context)) message.context = envelope.context;
  if (!isAbsent(sent)) {
    if (isBlank(message.messageId)) message.messageId = deriveMessageId(withoutSendTime(message));
    message.originalTimestamp = sent;
    message.timestamp = correctClock(sent, sentAt, envelope.receivedAt);
  }
  if (!isAbsent(sentAt)) message.sentAt = sentAt;
  // Kept with the message: what is put aside and released later is still of somebody who opted out.
  if (envelope.hasGpc === true) message.context = { ...(isObject(message.context) ? message.context : {}), gpc: true };
  message.receivedAt = isoOfReceipt(envelope.receivedAt);
  return message;
}

let lastReceipt = { at: NaN, iso: '' };

/** Requests of one millisecond share it. */
function isoOfReceipt(at: number): string {
  if (lastReceipt.at !== at) lastReceipt = { at, iso: new Date(at).toISOString() };
  return lastReceipt.iso;
}

/** As it came when either time cannot be read: the canonical reader flags it. */
function correctClock(sent: JsonValue, sentAt: JsonValue | undefined, receivedAt: number): JsonValue {
  const at = readMs(sent);
  const clock = readMs(sentAt);
  if (at === undefined || clock === undefined) return sent;
  const corrected = receivedAt - (clock - at);
  return Math.abs(corrected) <= MAX_DATE_MS ? new Date(corrected).toISOString() : sent;
}

const MAX_DATE_MS = 8.64e15;
/** Below this a number of seconds, above it of milliseconds. */
const SECONDS_BELOW = 1e11;

function readMs(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value > 0 ? value * (value < SECONDS_BELOW ? 1000 : 1) : undefined;
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The send time is another one at each try. */
function withoutSendTime({ sentAt: _sentAt, ...message }: JsonObject): JsonObject {
  return message;
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function isBlank(value: JsonValue | undefined): boolean {
  return isAbsent(value) || value === '';
}

/** Whether a JSON value is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
