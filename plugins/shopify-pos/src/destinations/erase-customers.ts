import { InvalidPayload, isolateFailures, type SendResult } from '@firsthand/plugin-sdk';
import type { ShopifyContext } from '../admin/call-shopify.js';
import { changeEach } from '../admin/change-each.js';
import { findCustomers } from '../admin/find-customers.js';
import type { Who } from '../admin/who.js';

/** Shopify erases ten days after it was asked, or when the customer's last order is six months old ("Privacy law compliance"). */
export const ERASE_TOLD_WITHIN_DAYS = 200;

/**
 * Asks the shop to erase customers' personal data (GDPR art. 17). Shopify carries that out by itself, after the time in which an order may be disputed, and tells apps by the webhook
 * `customers/redact`. Who the shop does not have is erased already.
 */
export function eraseCustomers({ items, ...context }: ShopifyContext & { items: readonly { payload: Who }[] }): Promise<SendResult[]> {
  return isolateFailures(items, async (some) => {
    const found = await findCustomers(context, some.map(({ payload }) => payload));
    const ids = found.map((id, index) => (id === null && !isNamed(some[index]?.payload) ? new InvalidPayload('There is nobody to erase.') : id));
    return changeEach(context, ids, (customerId) => ({
      field: 'customerRequestDataErasure', args: { customerId: { type: 'ID!', value: customerId } }, select: '{ customerId userErrors { field code } }',
    }), 'the erasure');
  });
}

function isNamed({ customerId, matchEmail, matchPhone }: Who = {}): boolean {
  return (customerId ?? matchEmail ?? matchPhone) !== undefined;
}
