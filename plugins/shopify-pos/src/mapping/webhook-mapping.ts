import type { Mapping } from '@firsthand/plugin-sdk';
import { consentPart } from './consent-part.js';
import { customerTargets } from './customer-targets.js';
import { identityTargets } from './identity-targets.js';
import { orderTargets, refundTargets } from './order-targets.js';

/** Raw record of a webhook to canonical record. An order is paid, cancelled or refunded once, however often Shopify says so. */
export const webhookMapping: Mapping = [
  {
    $when: '{{eq kind "order"}}',
    type: { $const: 'track' },
    name: '{{map topic "orders/paid" "Order Completed" "orders/cancelled" "Order Cancelled" "Order Updated"}}',
    messageId: '{{concat topic ":" body.id (map topic "orders/updated" (concat ":" body.updated_at))}}',
    occurredAt: '{{default (map topic "orders/paid" body.processed_at "orders/cancelled" body.cancelled_at) body.updated_at body.created_at}}',
    ...identityTargets({ at: 'body', customer: 'body.customer' }),
    ...customerTargets('body.customer'),
    ...orderTargets,
  },
  {
    $when: '{{eq kind "refund"}}',
    type: { $const: 'track' },
    name: { $const: 'Order Refunded' },
    messageId: '{{concat "refunds/create:" body.id}}',
    occurredAt: '{{default body.processed_at body.created_at}}',
    ...identityTargets({ at: 'order', customer: 'order.customer' }),
    ...refundTargets,
  },
  {
    $when: '{{eq kind "customer"}}',
    type: { $const: 'identify' },
    name: { $const: 'Profile Updated' },
    messageId: '{{concat "customers:" body.id ":" (default body.updated_at body.created_at)}}',
    occurredAt: '{{default body.updated_at body.created_at}}',
    ...identityTargets({ at: 'body', customer: 'body' }),
    ...customerTargets('body'),
  },
  consentPart('emailConsent', 'emailMarketing'),
  consentPart('smsConsent', 'smsMarketing'),
  {
    // Shopify asks on behalf of the customer, or after an erasure that staff have asked for ("Privacy law compliance").
    $when: '{{eq kind "redaction"}}',
    type: { $const: 'delete' },
    name: { $const: 'Profile Deleted' },
    messageId: '{{concat "customers/redact:" (default body.id body.email)}}',
    ...identityTargets({ at: 'body', customer: 'body' }),
    'properties.reason': { $const: 'privacy-request' },
  },
  {
    $when: '{{eq kind "deletion"}}',
    type: { $const: 'delete' },
    name: { $const: 'Profile Deleted' },
    messageId: '{{concat "customers/delete:" body.id}}',
    occurredAt: '{{date triggeredAt}}',
    ...identityTargets({ at: 'body', customer: 'body' }),
    'properties.reason': { $const: 'deleted-in-shop' },
  },
  {
    $when: '{{eq kind "merge"}}',
    type: { $const: 'alias' },
    name: { $const: 'Identities Linked' },
    messageId: '{{concat "customers/merge:" (join body.ids ":")}}',
    occurredAt: '{{date triggeredAt}}',
    // The one that is kept comes first: by it the shop is written to from then on.
    'identities.customerId': { $each: '{{body.ids}}', value: '{{concat "shopify:" @settings.shop ":" this}}' },
  },
];
