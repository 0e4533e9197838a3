import { clearable, defineDestination, email, isolateFailures, object, phone, text, type JsonValue, type SendResult } from '@firsthand/plugin-sdk';
import { MAX_CUSTOMERS } from '../admin/find-customers.js';
import { toResult } from '../admin/to-result.js';
import type { ShopifyContext } from '../admin/call-shopify.js';
import { listCustomers } from '../admin/list-customers.js';
import { ownIds, WHO, whoFields, type Who } from '../admin/who.js';
import { writeCustomers, type CustomerData } from '../admin/write-customers.js';
import { writeMetafields } from '../admin/write-metafields.js';
import { settings } from '../settings.js';
import { ERASE_TOLD_WITHIN_DAYS, eraseCustomers } from './erase-customers.js';

interface Item {
  payload: Who & {
    email?: string | null; phone?: string | null; firstName?: string | null; lastName?: string | null; locale?: string; note?: string | null;
    metafields?: Record<string, JsonValue> | null;
  };
}

/** Keeps one customer of the shop per profile: known by the shop's own id, else by email, else by phone. */
export const customer = defineDestination(settings, {
  label: 'Customer',
  description: 'Makes or changes the customer of the shop. What is not given stays as it is; null empties a field.',
  accepts: 'profile',
  suggests: { purpose: 'marketing', recipient: 'processor' },
  idempotency: 'natural',
  fields: {
    ...whoFields,
    email: clearable(email('Email', { from: '{{profile.email}}' })),
    phone: clearable(phone('Phone', { from: '{{profile.phone}}' })),
    firstName: clearable(text('First name', { from: '{{profile.firstName}}', maxLength: 255 })),
    lastName: clearable(text('Last name', { from: '{{profile.lastName}}', maxLength: 255 })),
    locale: text('Language', { from: '{{profile.language}}', description: 'A language the shop knows, e.g. de or zh-CN.' }),
    note: clearable(text('Note', { maxLength: 5000, description: 'Seen by the staff of the shop.' })),
    metafields: clearable(object('Metafields', {
      example: { loyalty: { level: 'gold' } },
      description: 'By namespace and key. The type is that of the shop\'s definition; where it has none: { "type": "single_line_text_field", "value": "gold" }. Null takes one away.',
    })),
  },
  ownIds,
  identifiers: WHO,
  maxBatchSize: MAX_CUSTOMERS,
  sendBatch: ({ items, ...context }) => isolateFailures(items, (some) => sendCustomers(context, some)),
  listRecords: { source: 'orders', page: listCustomers },
  erase: eraseCustomers,
  eraseToldWithinDays: ERASE_TOLD_WITHIN_DAYS,
});

async function sendCustomers(context: ShopifyContext, items: readonly Item[]): Promise<SendResult[]> {
  const written = await writeCustomers(context, items.map(({ payload }) => ({ who: payload, data: dataOf(payload) })));
  const waiting = items.flatMap(({ payload: { metafields } }, index) => {
    const ownerId = written[index];
    return typeof ownerId === 'string' && metafields !== undefined && metafields !== null ? [{ index, ownerId, metafields }] : [];
  });
  const refused = await writeMetafields(context, waiting);
  const failures = new Map(waiting.map(({ index }, position) => [index, refused[position]]));
  return written.map((result, index) => toResult(result instanceof Error ? result : failures.get(index)));
}

function dataOf({ email: address, phone: number, firstName, lastName, locale, note }: Item['payload']): CustomerData {
  const given = Object.entries({ email: address, phone: number, firstName, lastName, locale, note }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as CustomerData;
}
