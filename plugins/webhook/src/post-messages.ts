import { InvalidPayload, isolateFailures, sha256Hex, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import { toMessage, type Message, type MessageType } from './message.js';
import { postSigned, type WebhookContext } from './post-signed.js';

const MAX_MESSAGES = 100;

/** One message a request, or a list of them, as the connection is set. */
export function messagesPerCall({ arrays }: { arrays?: boolean }): number {
  return arrays === true ? MAX_MESSAGES : 1;
}

/**
 * Posts one message per item, as the connection is set: one by one, or as a list. Gives one result per item, in order. One by one the
 * host hands over one at a time, and keeps each person's order.
 */
export async function postMessages(context: WebhookContext & { items: readonly SendItem<object>[] }, type: MessageType): Promise<SendResult[]> {
  const outgoing = context.items.map((item) => toMessage(type, item, context.now));
  return context.settings.arrays === true ? isolateFailures(outgoing, (some) => postList(context, some)) : postEach(context, outgoing);
}

async function postList(context: WebhookContext, messages: readonly Message[]): Promise<SendResult[]> {
  // The same messages make the same id, so that a repeated request is known too.
  const id = `list_${sha256Hex(JSON.stringify(messages.map((message) => message.id))).slice(0, 32)}`;
  await postSigned(context, id, [...messages]);
  return messages.map(() => ({ ok: true }));
}

async function postEach(context: WebhookContext, outgoing: readonly Message[]): Promise<SendResult[]> {
  const results: SendResult[] = [];
  for (const message of outgoing) results.push(await post(context, message));
  return results;
}

async function post(context: WebhookContext, message: Message): Promise<SendResult> {
  try {
    await postSigned(context, message.id, message);
    return { ok: true };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new InvalidPayload('The message could not be posted.') };
  }
}
