import { boolean, STANDARD_WEBHOOKS_SECRET_PATTERN, text, url, type ValuesOf } from '@firsthand/plugin-sdk';

export const settings = {
  url: url('URL', { required: true, description: 'Where messages are posted.', example: 'https://crm.example.com/firsthand' }),
  secret: text('Signing secret', {
    required: true,
    secret: true,
    pattern: STANDARD_WEBHOOKS_SECRET_PATTERN,
    description: 'whsec_ and 24 to 64 random bytes in base64, e.g. of: echo "whsec_$(openssl rand -base64 24)"',
  }),
  arrays: boolean('Post lists', { default: false, description: 'Posts up to 100 messages in one JSON list, signed as a whole, in place of one by one.' }),
};

export type WebhookSettings = ValuesOf<typeof settings>;
