import { select, text } from '@firsthand/plugin-sdk';

/** One connection stands for one Shopify shop. */
export const settings = {
  shop: text('Shop domain', {
    description: 'The myshopify.com domain of the shop; webhooks of another shop are refused.',
    example: 'acme.myshopify.com',
    pattern: '^[a-z0-9][a-z0-9-]*\\.myshopify\\.com$',
    required: true,
  }),
  secret: text('Signing secret', {
    description: 'The client secret of the app, or the key shown under Settings > Notifications > Webhooks.',
    secret: true,
    required: true,
  }),
  country: text('Country', {
    description: 'ISO 3166-1 alpha-2 country that phone numbers without a country code are read in.',
    example: 'DE',
    pattern: '^[A-Z]{2}$',
  }),
  memberNoFrom: select('Member number stands in', ['noteAttribute', 'customerTag', 'metafield'], {
    description: 'Where the register writes the loyalty number: a note attribute of the order, a tag of the customer, or a metafield.',
  }),
  memberNoKey: text('Name of the member number', {
    description: 'The name of the note attribute, what the tag begins with, or namespace.key of the metafield.',
    example: 'member_no',
  }),
};
