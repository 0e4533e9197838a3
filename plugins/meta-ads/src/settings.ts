import { text, url, type ValuesOf } from '@firsthand/plugin-sdk';

const NUMBER = '^\\d{1,20}$';

export const settings = {
  accessToken: text('Access token', {
    required: true, secret: true,
    description: 'Of a system user: with ads_management for audiences; the token of the dataset (Events Manager) is enough for conversion events.',
  }),
  pixelId: text('Dataset (pixel) ID', { pattern: NUMBER, example: '1202835294532393', description: 'Needed for conversion events.' }),
  customAudienceId: text('Custom audience ID', { pattern: NUMBER, example: '23842900000000000', description: 'Needed for audiences: one made for a customer file.' }),
  adAccountId: text('Ad account ID', { pattern: NUMBER, example: '1234567890', description: 'Without act_. Checked when the connection is tested.' }),
  apiBaseUrl: url('API address', { required: true, default: 'https://graph.facebook.com' }),
  apiVersion: text('API version', { required: true, default: 'v26.0', pattern: '^v\\d{1,3}\\.\\d{1,2}$', description: 'Meta keeps a version for about two years.' }),
  testEventCode: text('Test event code', { example: 'TEST12345', description: 'From Events Manager, Test events. With it, events are shown there and count for nothing.' }),
};

export type MetaSettings = ValuesOf<typeof settings>;
