import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createDictionary } from './create-dictionary.js';
import { ENTITIES } from './dictionary.js';
import { dictionaryToJson, dictionaryToJsonSchema, renderDictionaryMarkdown } from './render-dictionary.js';

const dictionary = createDictionary({
  customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'Size | <b>of</b>\nshoes [x](y).', example: 'a`|b' }],
});

describe('renderDictionaryMarkdown', () => {
  const markdown = renderDictionaryMarkdown(dictionary);

  it('has a table per entity with every field in it', () => {
    for (const entity of ENTITIES) expect(markdown).toContain(`\n## ${entity}\n`);
    for (const { path } of dictionary.fields) expect(markdown).toContain(`| \`${path}\` |`);
  });

  it('keeps its columns, eight of fields and seven of events, whatever a custom field says', () => {
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(dictionary.fields.length);
    for (const row of rows) expect([9, 10]).toContain(row.split(/(?<!\\)\|/).length);
    expect(markdown).not.toContain('<b>');
    expect(markdown).toContain('Size \\| &lt;b>of&lt;/b> shoes \\[x\\](y).');
  });
});

describe('dictionaryToJson', () => {
  it('holds all fields by entity and survives JSON', () => {
    const json = dictionaryToJson(dictionary);
    expect(json.entities.flatMap(({ fields }) => fields)).toHaveLength(dictionary.fields.length);
    expect(JSON.parse(JSON.stringify(json)).entities[0]).toMatchObject({ name: 'profile' });
  });
});

describe('dictionaryToJsonSchema', () => {
  const schema = dictionaryToJsonSchema(dictionary);
  const ajv = addFormats.default(new Ajv2020({ strict: false }));
  ajv.addSchema(schema, 'canonical');

  it.each<[string, unknown, boolean]>([
    ['order', { orderId: 'o1', total: { amountMinor: 1899, currency: 'USD' }, lines: [{ sku: 'a' }] }, true],
    ['order', { total: { amountMinor: 18.99, currency: 'USD' } }, false],
    ['profile', { email: 'ana@example.com', 'custom.shoeSize': 42, birthday: '1990-05-17' }, true],
    ['profile', { 'custom.shoeSize': 'x' }, false],
    ['profile', { phone: '13912345678' }, false],
    ['event', { type: 'track', name: 'Order Completed', properties: { sku: 'a' }, context: { page: { url: 'https://a.example' } } }, true],
    ['event', { type: 'nope' }, false],
  ])('is a 2020-12 schema that Ajv applies: %s %j', (entity, value, expected) => {
    expect(ajv.validate(`canonical#/$defs/${entity}`, value)).toBe(expected);
  });

  it('carries the metadata', () => {
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: { profile: { properties: { email: { 'x-pii': 'personal', examples: ['ana@example.com'] } } } } });
  });
});
