import { boolean, list, text, url, type ValuesOf } from '@firsthand/plugin-sdk';

export const settings = {
  accessToken: text('Access token', {
    required: true, secret: true,
    description: 'Of a private app with the scopes crm.objects.contacts.read and .write, and crm.lists.read and .write for list membership.',
  }),
  clientSecret: text('Client secret', { secret: true, description: 'Of the app that sends the webhooks: it signs them. Without it no webhook is taken.' }),
  portalId: text('Hub ID', { required: true, pattern: '^\\d{1,20}$', example: '62515', description: 'Number of the HubSpot account. Webhooks of other accounts are left out.' }),
  bareIds: boolean('Ids without the Hub ID, too', {
    description: 'For accounts whose contacts were stored before ids had the Hub ID before them: people are known by the bare number as well, and written by it. Only where no other CRM or account gives out bare numbers.',
  }),
  apiBaseUrl: url('API address', { required: true, default: 'https://api.hubapi.com' }),
  contactProperties: list('Further contact properties', {
    example: ['favorite_food'], description: 'Internal names of properties that a mapping of yours reads besides those of the default mapping.',
  }),
};

export type HubspotSettings = ValuesOf<typeof settings>;
