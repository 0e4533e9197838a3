import { boolean, email, json, list, money, number, object, phone, select, text, url } from './fields.js';
import { secretNames } from './secret-names.js';
import { settingsJsonSchema } from './settings-json-schema.js';

const fields = {
  url: url('URL', { required: true, description: 'Where to send.' }),
  token: text('Token', { required: true, secret: true, maxLength: 64 }),
  region: select('Region', ['eu', 'us'], { default: 'eu', required: true }),
  email: email('Email'), phone: phone('Phone'), count: number('Count', { example: 5 }), isOn: boolean('On'),
  tags: list('Tags'), total: money('Total'), extra: object('Extra'), any: json('Any'),
};

describe('settingsJsonSchema', () => {
  const schema = settingsJsonSchema(fields);

  it('describes each field, in order', () => {
    expect(Object.keys(schema.properties ?? {})).toEqual(Object.keys(fields));
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: {
        url: { title: 'URL', description: 'Where to send.', type: 'string', format: 'uri' },
        token: { type: 'string', maxLength: 64, writeOnly: true, format: 'password' },
        region: { enum: ['eu', 'us'], default: 'eu' },
        count: { type: 'number', examples: [5] },
        tags: { type: 'array', items: { type: 'string' } },
      },
    });
  });

  it('requires what has no default', () => expect(schema.required).toEqual(['url', 'token']));
});

it('secretNames gives the secret settings', () => expect(secretNames(fields)).toEqual(['token']));
