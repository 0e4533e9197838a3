import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What a destination does with one request: a status; `hang`: headers, and a body that never ends; `reset`: the connection breaks and nothing was done;
 * `take-and-reset`: all was done, then the connection breaks.
 */
export type ScriptedAnswer = number | 'hang' | 'reset' | 'take-and-reset';

/** One request that arrived. */
export interface ReceivedRequest {
  /** The idempotency key. */
  key: string;
  messageId: string;
  answer: ScriptedAnswer;
  /** Epoch ms of its arrival. */
  at: number;
}

export interface ScriptedDestination {
  /** What a connection of the webhook plugin to this destination is set to. */
  settings: { url: string; secret: string };
  /** The ledger of what arrived, in order of arrival. */
  received: readonly ReceivedRequest[];
  /** How long it thinks before it answers; may be changed at any time. */
  latencyMs: number;
  /** Answers nothing more, from the next request on, until it is woken; it then answers those that wait. */
  sleep(): void;
  wake(): void;
  close(): Promise<void>;
}

/** The answers to the tries of one delivery, by the event that it is about. What comes after them is answered with 200. */
export type DeliveryScript = (messageId: string) => readonly ScriptedAnswer[];

/**
 * Starts a destination on a free port of 127.0.0.1 that answers each delivery as its script says.
 *
 * @example const crm = await startScriptedDestination(() => [500, 500, 200]); await crm.close();
 */
export async function startScriptedDestination(script: DeliveryScript = () => []): Promise<ScriptedDestination> {
  const received: ReceivedRequest[] = [];
  const tries = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  let asleep: (() => void)[] | null = null;

  function note(incoming: IncomingMessage, text: string): ReceivedRequest {
    const key = String(incoming.headers['webhook-id']);
    const { data } = JSON.parse(text) as { data: { event: { messageId: string } } };
    const number = tries.get(key) ?? 0;
    tries.set(key, number + 1);
    const request = { key, messageId: data.event.messageId, answer: script(data.event.messageId)[number] ?? 200, at: Date.now() };
    received.push(request);
    return request;
  }

  function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => undefined);
    incoming.on('end', () => {
      const { answer: given } = note(incoming, Buffer.concat(chunks).toString('utf8'));
      const act = (): void => perform(given, incoming, outgoing);
      if (asleep !== null) return void asleep.push(act);
      const timer = setTimeout(() => { timers.delete(timer); act(); }, destination.latencyMs);
      timers.add(timer);
    });
  }

  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const destination: ScriptedDestination = {
    settings: { url: `http://127.0.0.1:${port}/`, secret: `whsec_${randomBytes(24).toString('base64')}` },
    received,
    latencyMs: 0,
    sleep() { asleep ??= []; },
    wake() {
      const waiting = asleep ?? [];
      asleep = null;
      for (const act of waiting) act();
    },
    async close() {
      timers.forEach(clearTimeout);
      server.closeAllConnections();
      await new Promise<void>((resolve) => { server.close(() => resolve()); });
    },
  };
  return destination;
}

function perform(answer: ScriptedAnswer, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (answer === 'reset' || answer === 'take-and-reset') incoming.socket.resetAndDestroy();
  else if (answer === 'hang') outgoing.writeHead(200, { 'content-length': '2' }).flushHeaders();
  else outgoing.writeHead(answer).end();
}
