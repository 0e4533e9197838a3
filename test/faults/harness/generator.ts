import { setTimeout as delay } from 'node:timers/promises';

/** One event that a host has said it will not lose. */
export interface AcknowledgedEvent {
  messageId: string;
  person: string;
}

export interface GeneratorOptions {
  /** Asked anew for each request: hosts come and go. */
  urls(): readonly string[];
  writeKey: string;
  people: number;
  perPerson: number;
  /** Whether each person goes on with more than those, however long it takes. */
  goesOn?: () => boolean;
  /** Between one event of a person and the next. */
  pauseMs: number;
  eventName?: string;
  /** Of the message ids. */
  prefix?: string;
  /** Whether each event changes a field of its person. */
  changesPeople?: boolean;
}

/** Events on their way in, and the ledger of those that were acknowledged. */
export interface Generator {
  /** In order of acknowledgement; an event that nobody acknowledged is not here. */
  acknowledged: readonly AcknowledgedEvent[];
  /** How often a host did not acknowledge, by what it answered; 0 where it answered nothing. */
  refusals: ReadonlyMap<number, number>;
  /** How long the slowest answer took, yes or no. */
  slowestMs: number;
  /** Ends when every event is acknowledged. */
  done: Promise<void>;
  /** Sends nothing more: for a spec that is over, whatever came of it. */
  stop(): void;
}

const BEFORE_NEXT_TRY_MS = 50;

/**
 * Sends events as SDKs do: each person's one after the other, each until a host acknowledges it, the next host asked when one fails.
 *
 * @example const { acknowledged, done } = startGenerator({ urls: () => [host.url], writeKey, people: 50, perPerson: 40, pauseMs: 20 }); await done;
 */
export function startGenerator({ urls, writeKey, people, perPerson, goesOn = () => false, pauseMs, eventName = 'Product Viewed', prefix = 'm', changesPeople = false }: GeneratorOptions): Generator {
  const acknowledged: AcknowledgedEvent[] = [];
  const refusals = new Map<number, number>();
  const headers = { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' };
  let turn = 0;
  let isStopped = false;

  async function post(body: string): Promise<number> {
    const all = urls();
    const url = all[(turn += 1) % all.length];
    const askedAt = performance.now();
    try {
      const response = await fetch(`${url}/v1/track`, { method: 'POST', headers, body });
      await response.text();
      return response.status;
    } catch {
      return 0;
    } finally {
      generator.slowestMs = Math.max(generator.slowestMs, performance.now() - askedAt);
    }
  }

  async function sendAll(person: string): Promise<void> {
    for (let index = 0; !isStopped && (index < perPerson || goesOn()); index += 1) {
      const messageId = `${prefix}-${person}-${index}`;
      const body = JSON.stringify({ event: eventName, userId: person, messageId, ...(changesPeople ? { context: { traits: { city: messageId } } } : {}) });
      for (let status = await post(body); status !== 200; status = await post(body)) {
        if (isStopped) return;
        refusals.set(status, (refusals.get(status) ?? 0) + 1);
        await delay(BEFORE_NEXT_TRY_MS);
      }
      acknowledged.push({ messageId, person });
      await delay(pauseMs);
    }
  }

  const generator: Generator = { acknowledged, refusals, slowestMs: 0, done: Promise.resolve(), stop: () => { isStopped = true; } };
  generator.done = Promise.all(Array.from({ length: people }, (_, index) => sendAll(`p${index}`))).then(() => undefined);
  return generator;
}
