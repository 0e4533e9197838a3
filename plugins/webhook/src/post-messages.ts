import { InvalidPayload, isolateFailures, sha256Hex, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import { toOutgoing, type MessageType, type Outgoing } from './message.js';
import { postSigned, type WebhookContext } from './post-signed.js';

export const MAX_MESSAGES = 100;
/** Requests at once when messages are posted one by one. */
const CONCURRENCY = 8;

/**
 * Posts one message per item, as the connection is set: one by one, or as a list. Gives one result per item, in order. Messages of one person are
 * posted in order; when one may be retried, the ones behind it wait with it.
 */
export async function postMessages(context: WebhookContext & { items: readonly SendItem<object>[] }, type: MessageType): Promise<SendResult[]> {
  const outgoing = context.items.map((item) => toOutgoing(type, item, context.now));
  return context.settings.arrays === true ? isolateFailures(outgoing, (some) => postList(context, some)) : postEach(context, outgoing);
}

async function postList(context: WebhookContext, outgoing: readonly Outgoing[]): Promise<SendResult[]> {
  const messages = outgoing.map(({ message }) => message);
  // The same messages make the same id, so that a repeated request is known too.
  const id = `list_${sha256Hex(JSON.stringify(messages.map((message) => message.id))).slice(0, 32)}`;
  await postSigned(context, id, messages);
  return messages.map(() => ({ ok: true }));
}

async function postEach(context: WebhookContext, outgoing: readonly Outgoing[]): Promise<SendResult[]> {
  const results = new Map<Outgoing, SendResult>();
  const waiting = [...perPerson(outgoing).values()];
  const work = async (): Promise<void> => {
    for (let queue = waiting.shift(); queue !== undefined; queue = waiting.shift()) await postInOrder(context, queue, results);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return outgoing.map((one) => results.get(one) as SendResult);
}

function perPerson(outgoing: readonly Outgoing[]): Map<string, Outgoing[]> {
  const queues = new Map<string, Outgoing[]>();
  for (const one of outgoing) {
    const queue = queues.get(one.person);
    if (queue === undefined) queues.set(one.person, [one]);
    else queue.push(one);
  }
  return queues;
}

async function postInOrder(context: WebhookContext, queue: readonly Outgoing[], results: Map<Outgoing, SendResult>): Promise<void> {
  let stop: SendResult | undefined;
  for (const one of queue) {
    const result = stop ?? (await post(context, one));
    results.set(one, result);
    if (!result.ok && !(result.error instanceof InvalidPayload)) stop = result;
  }
}

async function post(context: WebhookContext, { message }: Outgoing): Promise<SendResult> {
  try {
    await postSigned(context, message.id, message);
    return { ok: true };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new InvalidPayload('The message could not be posted.') };
  }
}
