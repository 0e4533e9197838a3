import type { Mapping, MappingPart } from '@firsthand/plugin-sdk';
import { customerTargets } from './customer-targets.js';
import { identityTargets } from './identity-targets.js';
import { orderTargets, refundTargets } from './order-targets.js';

/**
 * One marketing consent with the moment it was given. A grant without a moment counts
 * from the customer's first day, a refusal from now, so that neither wins where it should not.
 */
function consentPart(kind: string, purpose: string): MappingPart {
  const isGrant = '{{eq (lower body.consent.state) "subscribed"}}';
  return {
    $when: `{{eq kind "${kind}"}}`,
    type: { $const: 'track' },
    name: { $const: 'Marketing Consent Updated' },
    messageId: `{{concat "${kind}:" body.id ":" body.consent.state ":" (default body.consent.consent_updated_at body.created_at)}}`,
    occurredAt: { $when: isGrant, value: '{{default body.consent.consent_updated_at body.created_at}}', else: '{{default body.consent.consent_updated_at body.updated_at}}' },
    ...identityTargets({ at: 'body', customer: 'body' }),
    [`consents.${purpose}`]: '{{map (lower body.consent.state) "subscribed" true "unsubscribed" false "redacted" false}}',
    'properties.method': { $const: kind === 'smsConsent' ? 'sms' : 'email' },
    'properties.status': '{{body.consent.state}}',
  };
}

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
    $when: '{{eq kind "redaction"}}',
    type: { $const: 'delete' },
    name: { $const: 'Profile Deleted' },
    messageId: '{{concat "customers/redact:" (default body.id body.email)}}',
    ...identityTargets({ at: 'body', customer: 'body' }),
  },
];
