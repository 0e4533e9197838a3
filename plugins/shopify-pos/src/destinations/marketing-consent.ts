import { dateTime, defineDestination, isolateFailures, select, type DestinationDefinition, type JsonObject, type SendResult } from '@firsthand/plugin-sdk';
import type { ShopifyContext } from '../admin/call-shopify.js';
import { changeEach } from '../admin/change-each.js';
import { findCustomers, MAX_CUSTOMERS } from '../admin/find-customers.js';
import { ownIds, WHO, whoFields, type Who } from '../admin/who.js';
import { writeCustomers } from '../admin/write-customers.js';
import { settings } from '../settings.js';
import { ERASE_TOLD_WITHIN_DAYS, eraseCustomers } from './erase-customers.js';

const OPT_IN_LEVELS = ['SINGLE_OPT_IN', 'CONFIRMED_OPT_IN', 'UNKNOWN'] as const;

/** The names that the two channels have in the Admin API. */
const CHANNELS = {
  email: { mutation: 'customerEmailMarketingConsentUpdate', inputType: 'CustomerEmailMarketingConsentUpdateInput!', consent: 'emailMarketingConsent', address: 'email' },
  sms: { mutation: 'customerSmsMarketingConsentUpdate', inputType: 'CustomerSmsMarketingConsentUpdateInput!', consent: 'smsMarketingConsent', address: 'phone' },
} as const;

const consentFields = {
  ...whoFields,
  consentedAt: dateTime('Consent given at', { required: true, from: '{{consent.decidedAt}}', description: 'When the person agreed. The shop keeps it, and brings it back: a repeated yes is then as old as it is, and no newer than a withdrawal.' }),
  optInLevel: select('Opt-in', OPT_IN_LEVELS, { default: 'SINGLE_OPT_IN', description: 'CONFIRMED_OPT_IN where the purpose wants a double opt-in.' }),
};

/**
 * Keeps the shop's marketing consent of one channel equal to a segment: who comes in is subscribed as of the moment of their consent, who leaves it, or withdraws, is
 * unsubscribed. It has no listing: who subscribed in the shop itself is in no segment of ours for that, and a compare would unsubscribe them.
 */
function marketingConsent(channel: keyof typeof CHANNELS, name: string): DestinationDefinition<typeof settings, typeof consentFields> {
  return defineDestination(settings, {
    label: `${name} marketing`,
    description: `Subscribes customers to marketing by ${channel === 'sms' ? 'text message' : 'email'} and unsubscribes them. Someone the shop does not know is made a customer that has this address alone.`,
    accepts: 'membership',
    suggests: { purpose: 'marketing', recipient: 'processor' },
    idempotency: 'natural',
    channel,
    fields: consentFields,
    ownIds,
    identifiers: WHO,
    maxBatchSize: MAX_CUSTOMERS,
    addMembers: ({ items, ...context }) => isolateFailures(items, async (some) => {
      const ids = await writeCustomers(context, some.map(({ payload }) => ({ who: payload, data: {}, needs: CHANNELS[channel].address })));
      return change(context, channel, ids, (index) => ({ marketingState: 'SUBSCRIBED', marketingOptInLevel: some[index]?.payload.optInLevel ?? 'SINGLE_OPT_IN', consentUpdatedAt: some[index]?.payload.consentedAt ?? null }));
    }),
    // Without a moment the shop takes its own: one of ours that lies ahead of its clock would be refused.
    removeMembers: ({ items, ...context }) => isolateFailures(items, async (some) => change(context, channel, await findCustomers(context, some.map(whoOf)), () => ({ marketingState: 'UNSUBSCRIBED' }))),
    erase: eraseCustomers,
    eraseToldWithinDays: ERASE_TOLD_WITHIN_DAYS,
  });
}

/** Who is not there is not subscribed. */
function change(context: ShopifyContext, channel: keyof typeof CHANNELS, ids: readonly (string | null | Error)[], toConsent: (index: number) => JsonObject): Promise<SendResult[]> {
  const { mutation, inputType, consent } = CHANNELS[channel];
  return changeEach(context, ids, (customerId, index) => ({
    field: mutation, args: { input: { type: inputType, value: { customerId, [consent]: toConsent(index) } } }, select: '{ customer { id } userErrors { field code } }',
  }), 'the consent');
}

function whoOf({ payload }: { payload: Who }): Who {
  return payload;
}

export const emailMarketing = marketingConsent('email', 'Email');
export const smsMarketing = marketingConsent('sms', 'SMS');
