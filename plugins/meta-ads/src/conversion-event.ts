import { defineDestination, InvalidCredentials, InvalidPayload, isolateFailures, json, number, object, text, select, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import { callGraph, type GraphContext } from './call-graph.js';
import { settings } from './settings.js';
import { ACTION_SOURCES, toServerEvent, type ConversionPayload } from './to-server-event.js';

const AMOUNT = 'event.order.total event.properties.value event.properties.total event.properties.revenue event.properties.price';
const CURRENCIES = 'event.order.total.currency event.properties.value.currency event.properties.total.currency event.properties.revenue.currency event.properties.price.currency event.order.currency event.properties.currency';
const IS_WHOLE_WEB = '(and (eq event.context.channel "web") event.context.userAgent event.context.page.url)';
const BY_CHANNEL = '(map event.context.channel "store" "physical_store" "crm" "system_generated")';

/** Events with a value for ads, over the Conversions API. People are matched by hashes; Meta keeps no plain contact data of this. */
export const conversionEvent = defineDestination(settings, {
  label: 'Conversion event',
  description: 'Sends events to the Conversions API, for measuring and steering ads.',
  accepts: 'event',
  suggests: { purpose: 'advertising', recipient: 'third-party' },
  // Meta counts one name and event id once, whether it comes from the pixel or from here.
  idempotency: 'key',
  fields: {
    eventName: text('Event name', { required: true, from: '{{event.name}}', description: "Canonical names become Meta's standard events; others go as custom events." }),
    eventTime: number('Event time', { required: true, from: '{{epoch event.occurredAt}}', description: 'Unix seconds.' }),
    eventId: text('Event ID', { from: '{{event.messageId}}', description: 'The same that the pixel sends for this event, so that it counts once.' }),
    actionSource: select('Where it happened', ACTION_SOURCES, { from: `{{default (map true ${IS_WHOLE_WEB} "website") ${BY_CHANNEL} "other"}}` }),
    eventSourceUrl: text('Page address', { from: '{{event.context.page.url}}' }),
    email: text('Email', { from: '{{default profile.email identities.email}}' }),
    phone: text('Phone', { from: '{{default profile.phone identities.phone}}', description: 'With the country code.' }),
    firstName: text('First name', { from: '{{profile.firstName}}' }),
    lastName: text('Last name', { from: '{{profile.lastName}}' }),
    city: text('City', { from: '{{profile.city}}' }),
    country: text('Country', { from: '{{profile.country}}', description: 'ISO 3166-1 alpha-2.' }),
    externalId: text('External ID', { from: '{{default identities.userId identities.memberNo identities.customerId}}' }),
    clientIpAddress: text('IP address', { from: '{{event.context.ip}}' }),
    clientUserAgent: text('User agent', { from: '{{event.context.userAgent}}' }),
    fbc: text('Click ID (fbc)', { from: '{{event.context.clickIds.fbc}}' }),
    fbp: text('Browser ID (fbp)', { from: '{{event.context.clickIds.fbp}}' }),
    value: number('Value', { from: `{{decimal (default ${AMOUNT})}}`, description: 'In major units, e.g. 18.99.' }),
    currency: text('Currency', { from: `{{default ${CURRENCIES}}}`, pattern: '^[A-Za-z]{3}$' }),
    orderId: text('Order ID', { from: '{{default event.order.orderId event.properties.orderId}}' }),
    searchString: text('Words searched for', { from: '{{event.properties.query}}' }),
    lines: json('Products', { from: '{{default event.order.lines event.properties.products}}', description: 'Canonical order lines.' }),
    productId: text('Product ID', { from: '{{default event.product.productId event.properties.productId}}', description: 'Of an event without products.' }),
    productPrice: number('Product price', { from: '{{decimal (default event.product.price event.properties.price)}}' }),
    quantity: number('Quantity', { from: '{{event.properties.quantity}}' }),
    customData: object('Further custom data', { description: 'By the names of Meta, e.g. content_category.' }),
  },
  identifiers: ['email', 'phone', 'externalId'],
  maxBatchSize: 1000,
  sendBatch: ({ items, ...context }) => sendEvents(context, items),
});

/** One bad event refuses a whole request; Meta takes it again without harm, so the halves are sent again until the bad ones stand alone. */
async function sendEvents(context: GraphContext, items: readonly SendItem<ConversionPayload>[]): Promise<SendResult[]> {
  const { pixelId, testEventCode } = context.settings;
  if (pixelId === undefined) throw new InvalidCredentials('The connection names no dataset (pixel) ID.');
  const events = items.map(({ payload, idempotencyKey }) => read(payload, idempotencyKey, context.now));
  const good = events.flatMap((event) => (event instanceof InvalidPayload ? [] : [event]));
  const sent = good.length === 0 ? [] : await isolateFailures(good, async (some) => {
    const answer = await callGraph(context, 'POST', `/${pixelId}/events`, { data: [...some], ...(testEventCode === undefined ? {} : { test_event_code: testEventCode }) });
    if (answer.events_received !== some.length) throw new InvalidPayload('Meta did not take every event of the request.');
    return some.map(() => ({ ok: true }));
  });
  const results = sent.values();
  return events.map((event) => (event instanceof InvalidPayload ? { ok: false, error: event } : (results.next().value as SendResult)));
}

function read(payload: ConversionPayload, key: string, now: number): ReturnType<typeof toServerEvent> | InvalidPayload {
  try {
    return toServerEvent(payload, key, now);
  } catch (error) {
    if (error instanceof InvalidPayload) return error;
    throw error;
  }
}
