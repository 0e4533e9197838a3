import type { JsonObject } from '@firsthand/plugin-sdk';

/** What happened. A receiver that meets a type it does not know can skip the message. */
export type MessageType = 'event' | 'call' | 'profile.updated' | 'segment.entered' | 'segment.left' | 'person.removed' | 'connection.tested';

/** One message as the receiver reads it. A type alias, so that it counts as JSON. */
export type Message = {
  /** Unique to the delivery and the same on every try: what a receiver deduplicates by. */
  id: string;
  type: MessageType;
  /** When it was sent, ISO 8601 UTC. */
  timestamp: string;
  data: JsonObject;
};

/** @example toMessage('event', { payload: { identities, event }, idempotencyKey }, now) */
export function toMessage(type: MessageType, { payload, idempotencyKey }: { payload: object; idempotencyKey: string }, now: number): Message {
  return { id: idempotencyKey, type, timestamp: new Date(now).toISOString(), data: payload as JsonObject };
}
