import { select, text, url, type ValuesOf } from '@firsthand/plugin-sdk';

/** One connection stands for one Shopify shop, in either direction or in both. */
export const settings = {
  shop: text('Shop domain', {
    description: 'The myshopify.com domain of the shop; webhooks of another shop are refused.',
    example: 'acme.myshopify.com',
    pattern: '^[a-z0-9][a-z0-9-]*\\.myshopify\\.com$',
    required: true,
  }),
  secret: text('Signing secret', {
    description: 'The client secret of the app, or the key shown under Settings > Notifications > Webhooks. Without it no webhook is taken.',
    secret: true,
  }),
  accessToken: text('Access token', {
    description: 'Admin API access token of the app, with the scopes read_customers and write_customers, and write_customer_data_erasure for erasures. Without it nothing is written to the shop.',
    secret: true,
  }),
  apiVersion: text('API version', { description: 'Version of the Admin API that is written to.', example: '2026-10', pattern: '^20\\d\\d-(01|04|07|10)$', default: '2026-10' }),
  apiBaseUrl: url('API address', { description: 'Left out: the domain of the shop.', example: 'https://acme.myshopify.com' }),
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

export type ShopifySettings = ValuesOf<typeof settings>;
