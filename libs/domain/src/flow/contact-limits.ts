import { spanMs } from '../segment/span.js';
import type { Span } from '../segment/condition.js';
import { nextOutOfWindow, type DayWindow } from './local-time.js';

/** At most so many messages to a person per span, over all flows; `*` counts and limits every channel together. */
export interface FrequencyCap {
  channel: string;
  limit: number;
  per: Span;
}

/** When nothing is sent on a channel (`*`: on any), by the person's clock. */
export interface QuietHours extends DayWindow {
  channel: string;
}

/** What holds for all flows of a workspace. */
export interface FlowSettings {
  /** IANA; of schedules, and of people whose own is not known. */
  timeZone: string;
  quietHours: QuietHours[];
  caps: FrequencyCap[];
}

/** As long as nobody has set any. */
export const DEFAULT_FLOW_SETTINGS: FlowSettings = { timeZone: 'UTC', quietHours: [], caps: [] };

/** A message that was planned for a person. Epoch ms. */
export interface Contact {
  channel: string;
  at: number;
}

/** Why a message may not be planned now, and from when on it may be asked again, epoch ms. */
export interface ContactLimit {
  reason: 'quiet-hours' | 'capped';
  until: number;
}

const ANY_CHANNEL = '*';

/** No cap looks further back. */
export const MAX_CAP_MS = 90 * 86_400_000;

/**
 * Whether a cap or quiet hours stand against a message on a channel; null where none does. `zone` is where the person is.
 *
 * @example contactLimit('email', contacts, settings, 'Asia/Shanghai', now)
 */
export function contactLimit(channel: string, contacts: readonly Contact[], { quietHours, caps }: FlowSettings, zone: string, now: number): ContactLimit | null {
  for (const cap of caps.filter((one) => isOfChannel(one, channel))) {
    const from = now - spanMs(cap.per);
    const counted = contacts.filter((contact) => contact.at > from && (cap.channel === ANY_CHANNEL || contact.channel === channel)).map(({ at }) => at).sort((a, b) => a - b);
    const leaving = counted[counted.length - cap.limit];
    if (leaving !== undefined) return { reason: 'capped', until: leaving + spanMs(cap.per) };
  }
  const until = quietUntil(channel, quietHours, zone, now);
  return until === null ? null : { reason: 'quiet-hours', until };
}

/**
 * When the quiet hours of a channel that stand against a message now are over, epoch ms; null where none do. `zone` is where the person is. Asked when a message is planned, and
 * again when it would be sent.
 *
 * @example quietUntil('email', settings.quietHours, 'Asia/Shanghai', now)
 */
export function quietUntil(channel: string, quietHours: readonly QuietHours[], zone: string, now: number): number | null {
  const until = Math.max(now, ...quietHours.filter((hours) => isOfChannel(hours, channel)).map((hours) => nextOutOfWindow(now, hours, zone)));
  return until > now ? until : null;
}

function isOfChannel(one: { channel: string }, channel: string): boolean {
  return one.channel === ANY_CHANNEL || one.channel === channel;
}

/** How far back contacts matter, ms; 0 where there is no cap. */
export function capHorizonMs({ caps }: Pick<FlowSettings, 'caps'>): number {
  return Math.max(0, ...caps.map(({ per }) => spanMs(per)));
}
