import type { Choices, ServedNotice } from './answer.js';

/** One message of the tracking API, in the Segment spec. */
export interface Message {
  type: string;
  messageId: string;
  anonymousId?: string;
  userId?: string;
  timestamp: string;
  context: Record<string, unknown>;
  [field: string]: unknown;
}

/** A random UUID (version 4); also where the page has no TLS and `crypto.randomUUID` is missing. */
export function newId(): string {
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) => (Number(digit) ^ ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & (15 >> (Number(digit) / 4)))).toString(16));
}

/** A message of this moment. */
export function newMessage(type: string, content: object, context: Record<string, unknown> = {}): Message {
  return { type, messageId: newId(), timestamp: new Date().toISOString(), context, ...content };
}

/** The page that the visitor is on, as the Segment spec has it. */
export function pageContext(): Record<string, unknown> {
  const { href, pathname, search } = location;
  return { page: { url: href, path: pathname, search, title: document.title, referrer: document.referrer }, locale: navigator.language };
}

/** An answer in force, as it goes with each message. */
export interface Standing {
  choices: Choices;
  served?: ServedNotice;
  hasGpc: boolean;
}

/** Puts the visitor's answer on a message, where the host reads it (Segment's consent object): the choices, what they were made on, and what the browser says for its owner. */
export function stamp<Stamped extends { context?: Record<string, unknown> }>(message: Stamped, { choices, served, hasGpc }: Standing): Stamped {
  message.context = { ...message.context, consent: { categoryPreferences: choices, ...(served?.shownAt && { servedNotice: served }) }, ...(hasGpc && { gpc: true }) };
  return message;
}
