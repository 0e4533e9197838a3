import { randomBytes } from 'node:crypto';
import type { JsonObject } from '@firsthand/domain';
import { Webhook } from 'standardwebhooks';
import { startVendorServer, type VendorFault, type VendorRequest } from './vendor-server.js';

/** One message that was taken: signed well and not seen before. */
export interface ReceivedMessage {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

export interface FakeWebhookReceiver {
  url: string;
  /** What a connection of the webhook plugin to this receiver is set to. */
  settings: { url: string; secret: string };
  /** Messages in order of arrival, each id once. */
  messages: ReceivedMessage[];
  /** Ids of messages that came again and were left out. */
  repeated: string[];
  /** Every request, refused ones and those that met trouble too. */
  requests: VendorRequest[];
  /** What calls are answered; nothing while it is not set. */
  answer?: JsonObject;
  /** Trouble for the next requests. */
  script(fault: VendorFault): void;
  close(): Promise<void>;
}

/**
 * Starts a receiver as a brand would write one: it verifies Standard Webhooks signatures with the reference library, answers 401 to others, and
 * deduplicates by message id. It takes single messages and lists.
 *
 * @example const receiver = await startFakeWebhookReceiver(); receiver.script({ answer: { status: 503 } }); await receiver.close();
 */
export async function startFakeWebhookReceiver({ secret = `whsec_${randomBytes(24).toString('base64')}` }: { secret?: string } = {}): Promise<FakeWebhookReceiver> {
  const messages: ReceivedMessage[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  const verifier = new Webhook(secret);

  const receiver: Pick<FakeWebhookReceiver, 'answer'> = {};
  const server = await startVendorServer(({ method, text, headers }) => {
    if (method !== 'POST') return { status: 405 };
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value ?? '']));
    let body: unknown;
    try {
      body = verifier.verify(text, signed);
    } catch {
      return { status: 401, json: { error: 'The signature does not match.' } };
    }
    const given = [body].flat();
    if (!given.every(isMessage)) return { status: 400, json: { error: 'This is no message.' } };
    for (const message of given) {
      if (seen.has(message.id)) repeated.push(message.id);
      else messages.push(message);
      seen.add(message.id);
    }
    return receiver.answer === undefined ? { status: 204 } : { status: 200, json: receiver.answer };
  });
  const { url, requests, script, close } = server;
  return Object.assign(receiver, { url: `${url}/hook`, settings: { url: `${url}/hook`, secret }, messages, repeated, requests, script, close });
}

function isMessage(value: unknown): value is ReceivedMessage {
  const message = value as Partial<ReceivedMessage> | null;
  return typeof message === 'object' && message !== null && typeof message.id === 'string' && typeof message.type === 'string'
    && typeof message.timestamp === 'string' && typeof message.data === 'object' && message.data !== null;
}
