import { recall, remember } from './memory.js';
import type { Message } from './message.js';

/** Sends messages to the host, in order. */
export interface Sender {
  /** Sends them, after what is waiting. Without any it only sends what is waiting. */
  send(...messages: Message[]): void;
  /** Drops what is waiting, answers excepted. */
  forget(): void;
}

/** A request that outlives its page may hold no more (Fetch standard, 64 KiB over all of them). */
const MAX_KEPT_ALIVE = 30_000;
const MAX_BATCH = 50;
const LONGEST_WAIT_MS = 60_000;

/**
 * Makes a sender. What the host has not stored is sent again, later each time, under the same message ids; what it refuses for good is dropped, answers excepted: they
 * are remembered until the host has them.
 */
export function createSender(host: string, writeKey: string): Sender {
  let waiting: Message[] = [];
  let isBusy = false;
  let tries = 0;

  async function flush(): Promise<void> {
    const batch = [...recall().unsent, ...waiting].slice(0, MAX_BATCH);
    if (isBusy || batch.length === 0) return;
    isBusy = true;
    const status = await post(batch);
    isBusy = false;
    const isRefused = status >= 400 && status < 500 && status !== 429;
    if (isRefused) console.warn(`Firsthand: the host refused what this page sends (${status}). Look at data-write-key.`);
    if (status < 400 || isRefused) {
      const ids = new Set(batch.map(({ messageId }) => messageId));
      waiting = waiting.filter(({ messageId }) => !ids.has(messageId));
      if (isRefused) return;
      remember({ unsent: recall().unsent.filter(({ messageId }) => !ids.has(messageId)) });
      tries = 0;
      return flush();
    }
    setTimeout(() => void flush(), Math.min(1_000 * 2 ** tries++, LONGEST_WAIT_MS));
  }

  function post(batch: readonly Message[]): Promise<number> {
    const body = JSON.stringify({ writeKey, sentAt: new Date().toISOString(), batch });
    // Plain text needs no preflight.
    return fetch(`${host}/v1/batch`, { method: 'POST', body, keepalive: body.length < MAX_KEPT_ALIVE, credentials: 'omit', headers: { 'content-type': 'text/plain' } })
      .then(({ status }) => status, () => 599);
  }

  return {
    send(...messages) {
      waiting.push(...messages);
      // What one task of the page brings goes in one request.
      queueMicrotask(() => void flush());
    },
    forget() {
      waiting = [];
    },
  };
}
