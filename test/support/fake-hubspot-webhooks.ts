import type { FakeContactNews } from './fake-hubspot-contacts.js';

/** One event of a webhook's body. */
export type FakeWebhookEvent = FakeContactNews & { eventId: number; attemptNumber: number };

/** Where webhooks go from now on, and how. */
export interface WebhookTarget {
  /** The address that the app has been given; it is signed. */
  url: string;
  /** How long each is on its way. */
  delayMs?: number;
  /** Each is sent twice: HubSpot promises no single notification. */
  isDoubled?: boolean;
  /** Kept until `release`. */
  isHeld?: boolean;
}

/** What HubSpot keeps to itself, or tells only to who has subscribed to it. */
const UNTOLD = new Set<unknown>(['hs_merged_object_ids', 'hs_additional_emails']);
const MAX_EVENTS = 100;
const MAX_ATTEMPTS = 11;
const RETRY_MS = 100;

/**
 * Sends webhooks as HubSpot does: up to 100 events in a call, tried again with the next attempt number where the receiver does not answer well (here after a tenth of a second, and not
 * over hours), in no promised order and not promised to be single.
 */
export class FakeHubspotWebhooks {
  private target: WebhookTarget | undefined;
  private waiting: FakeWebhookEvent[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly timers = new Map<NodeJS.Timeout, () => void>();
  private isClosed = false;

  constructor(private readonly post: (url: string, events: readonly FakeWebhookEvent[]) => Promise<number>) {}

  subscribe(target: WebhookTarget | undefined): void {
    this.target = target;
    if (target?.isHeld !== true) this.release();
  }

  /** Takes what happened; nobody hears of it where nobody has subscribed. */
  push(event: FakeWebhookEvent): void {
    if (this.target === undefined || UNTOLD.has(event.propertyName)) return;
    this.waiting.push(event);
    // What happens together goes in one call.
    if (this.target.isHeld !== true && this.waiting.length === 1) queueMicrotask(() => this.release());
  }

  /** Sends what is kept, in an order that is asked for. */
  release(inOrder: (events: FakeWebhookEvent[]) => FakeWebhookEvent[] = (events) => events): void {
    const events = inOrder(this.waiting);
    this.waiting = [];
    const { target } = this;
    if (target === undefined) return;
    for (let at = 0; at < events.length; at += MAX_EVENTS) {
      const some = events.slice(at, at + MAX_EVENTS);
      for (let times = target.isDoubled === true ? 2 : 1; times > 0; times -= 1) this.start(target, some);
    }
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await Promise.resolve();
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  close(): void {
    this.isClosed = true;
    for (const [timer, done] of this.timers) {
      clearTimeout(timer);
      done();
    }
  }

  private start(target: WebhookTarget, events: readonly FakeWebhookEvent[]): void {
    const run = this.send(target, events).finally(() => this.underWay.delete(run));
    this.underWay.add(run);
  }

  private async send({ url, delayMs = 0 }: WebhookTarget, events: readonly FakeWebhookEvent[]): Promise<void> {
    if (delayMs > 0) await this.wait(delayMs);
    for (let attempt = 0; attempt < MAX_ATTEMPTS && !this.isClosed; attempt += 1) {
      const status = await this.post(url, events.map((event) => ({ ...event, attemptNumber: attempt }))).catch(() => 0);
      if (status >= 200 && status < 300) return;
      await this.wait(RETRY_MS);
    }
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.timers.delete(timer);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.timers.set(timer, done);
    });
  }
}
