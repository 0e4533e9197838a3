import type { JsonObject } from '@firsthand/plugin-sdk';

/** What happened. A receiver that meets a type it does not know can skip the message. */
export type MessageType = 'event' | 'profile.updated' | 'segment.entered' | 'segment.left' | 'person.erased' | 'connection.tested';

/** One message as the receiver reads it. A type alias, so that it counts as JSON. */
export type Message = {
  /** Unique to the delivery and the same on every try: what a receiver deduplicates by. */
  id: string;
  type: MessageType;
  /** When it was sent, ISO 8601 UTC. */
  timestamp: string;
  data: JsonObject;
};

/** A message under way: `person` tells whose it is, so that one person's messages stay in order. */
export interface Outgoing {
  message: Message;
  person: string;
}

/** @example toOutgoing('event', { payload: { identities, event }, idempotencyKey }, now) */
export function toOutgoing(type: MessageType, { payload, idempotencyKey }: { payload: object; idempotencyKey: string }, now: number): Outgoing {
  const data = payload as JsonObject;
  return { message: { id: idempotencyKey, type, timestamp: new Date(now).toISOString(), data }, person: JSON.stringify(data.identities ?? null) };
}
