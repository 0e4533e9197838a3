import { invalidParameter, isObject, MetaProblem } from './fake-meta-problem.js';
import type { VendorAnswer } from './vendor-server.js';

/** A server event as it was sent. */
export type FakeServerEvent = Record<string, unknown> & { event_name: string; event_time: number; user_data: Record<string, unknown> };

const DAY_S = 86_400;
const MAX_EVENTS = 1000;
const EVENT_KEYS = new Set([
  'event_name', 'event_time', 'user_data', 'custom_data', 'event_source_url', 'opt_out', 'event_id', 'action_source', 'data_processing_options',
  'data_processing_options_country', 'data_processing_options_state', 'referrer_url', 'customer_segmentation', 'app_data',
]);
const ACTION_SOURCES = new Set(['website', 'app', 'physical_store', 'system_generated', 'phone_call', 'chat', 'email', 'business_messaging', 'other']);
const HASHED = new Set(['em', 'ph', 'ge', 'db', 'ln', 'fn', 'ct', 'st', 'zp', 'country']);
const PLAIN = new Set(['client_ip_address', 'client_user_agent', 'fbc', 'fbp', 'external_id', 'subscription_id', 'fb_login_id', 'lead_id']);
const SHA256_HEX = /^[0-9a-f]{64}$/;
const COOKIE = /^fb\.\d\.\d+\../;
const DELIVERY = new Set(['in_store', 'curbside', 'home_delivery']);

/** The events of a fake dataset, with the rules of the Conversions API. */
export class FakeMetaEvents {
  /** Every event that was taken, once per name and event id. */
  readonly counted: FakeServerEvent[] = [];
  /** Taken with a test event code: shown, not counted. */
  readonly tested: FakeServerEvent[] = [];
  /** How many were taken, doubles included. */
  received = 0;
  private readonly seen = new Set<string>();

  constructor(private readonly now: () => number) {}

  post({ data, test_event_code: testCode, ...rest }: Record<string, unknown>): VendorAnswer {
    const unknown = Object.keys(rest).find((key) => !['upload_tag', 'partner_agent', 'namespace_id', 'upload_id', 'upload_source'].includes(key));
    if (unknown !== undefined) throw invalidParameter(`Unknown parameter ${unknown}`);
    if (!Array.isArray(data) || data.length === 0) throw new MetaProblem(100, '(#100) The parameter data is required');
    if (data.length > MAX_EVENTS) throw invalidParameter(`At most ${MAX_EVENTS} events can be sent`);
    if (testCode !== undefined && typeof testCode !== 'string') throw invalidParameter('test_event_code must be a string');
    const events = data.map((event) => this.judge(event));
    for (const event of events) this.keep(event, testCode !== undefined);
    return { status: 200, json: { events_received: events.length, messages: [], fbtrace_id: 'AyjPdL3TxyU' } };
  }

  private keep(event: FakeServerEvent, isTest: boolean): void {
    this.received += 1;
    if (isTest) return void this.tested.push(event);
    const key = event.event_id === undefined ? undefined : `${event.event_name} ${String(event.event_id)}`;
    if (key !== undefined && this.seen.has(key)) return;
    if (key !== undefined) this.seen.add(key);
    this.counted.push(event);
  }

  /** One bad event refuses the whole request. */
  private judge(event: unknown): FakeServerEvent {
    if (!isObject(event)) throw invalidParameter('An event must be an object');
    const unknown = Object.keys(event).find((key) => !EVENT_KEYS.has(key));
    if (unknown !== undefined) throw invalidParameter(`Unknown event parameter ${unknown}`);
    const { event_name: name, event_time: time, action_source: source, event_id: id, user_data: userData, custom_data: customData, app_data: appData, opt_out: optOut } = event;
    if (typeof name !== 'string' || name === '' || name.length > 50) throw invalidParameter('Missing or Invalid Event Name');
    if (typeof source !== 'string' || !ACTION_SOURCES.has(source)) throw invalidParameter('Missing or Invalid Action Source');
    this.judgeTime(time, source);
    if (id !== undefined && (typeof id !== 'string' || id === '')) throw invalidParameter('Invalid Event ID');
    if (optOut !== undefined && typeof optOut !== 'boolean') throw invalidParameter('Invalid opt_out');
    const user = judgeUser(userData);
    if (source === 'website' && (!isUrl(event.event_source_url) || typeof user.client_user_agent !== 'string')) throw invalidParameter('A website event needs event_source_url and client_user_agent');
    if (source === 'app' && !isObject(appData)) throw invalidParameter('An app event needs app_data');
    judgeCustom(customData, name);
    return event as FakeServerEvent;
  }

  private judgeTime(time: unknown, source: string): void {
    const now = this.now() / 1000;
    if (typeof time !== 'number' || !Number.isInteger(time)) throw invalidParameter('Invalid Event Time');
    if (time > now + 60) throw invalidParameter('Event Timestamp In The Future', 2804004);
    const days = source === 'physical_store' ? 62 : 7;
    if (time < now - days * DAY_S) throw invalidParameter('Event Timestamp Too Old', 2804003);
  }
}

function judgeUser(user: unknown): Record<string, unknown> {
  if (!isObject(user) || Object.keys(user).length === 0) throw invalidParameter("You haven't added sufficient customer information parameter data for this event", 2804050);
  for (const [name, given] of Object.entries(user)) {
    const values = Array.isArray(given) ? given : [given];
    if (values.length === 0 || !values.every((value) => typeof value === 'string' && value !== '')) throw invalidParameter(`Invalid ${name}`);
    if (!HASHED.has(name) && !PLAIN.has(name)) throw invalidParameter(`Unknown customer information parameter ${name}`);
    if (HASHED.has(name) && !values.every((value) => SHA256_HEX.test(value as string))) throw invalidParameter(`${name} must be hashed with SHA-256`);
    if ((name === 'fbc' || name === 'fbp') && !values.every((value) => COOKIE.test(value as string))) throw invalidParameter(`Invalid ${name}`);
    if (name.startsWith('client_') && values.some((value) => SHA256_HEX.test(value as string))) throw invalidParameter(`${name} must not be hashed`);
  }
  return user;
}

function judgeCustom(custom: unknown, name: string): void {
  if (custom !== undefined && !isObject(custom)) throw invalidParameter('custom_data must be an object');
  const { value, currency, contents } = custom ?? {};
  if (value !== undefined && (typeof value !== 'number' || value < 0)) throw invalidParameter('Invalid value');
  if (currency !== undefined && (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency))) throw invalidParameter('Invalid currency');
  if (name === 'Purchase' && (value === undefined || currency === undefined)) throw invalidParameter('Missing value or currency for Purchase event');
  if (contents === undefined) return;
  if (!Array.isArray(contents)) throw invalidParameter('contents must be a list');
  for (const content of contents) {
    if (!isObject(content) || typeof content.id !== 'string' || typeof content.quantity !== 'number') throw invalidParameter('contents need id and quantity');
    if (content.item_price !== undefined && typeof content.item_price !== 'number') throw invalidParameter('Invalid item_price');
    if (content.delivery_category !== undefined && !DELIVERY.has(String(content.delivery_category))) throw invalidParameter('Invalid delivery_category');
  }
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value);
}
