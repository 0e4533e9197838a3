import { createDictionary } from './create-dictionary.js';
import { knownNames } from './known-names.js';
import { lintVocabulary, type VocabularyTerm } from './lint-vocabulary.js';
import { readVocabulary } from './read-vocabulary.js';

const dictionary = createDictionary({
  customEntities: [{ name: 'appointment', description: 'A visit.' }],
  customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU.' }, { entity: 'appointment', name: 'startsAt', type: 'datetime', description: 'When.' }],
  customEvents: [{ name: 'Points Redeemed', description: 'Spent.' }],
});
const known = knownNames(dictionary);
const lint = (...terms: Omit<VocabularyTerm, 'path'>[]): (string | undefined)[] => lintVocabulary(terms.map((term, index) => ({ ...term, path: `/${index}` })), known).map(({ path, message }) => `${path} ${message}`);
const field = (name: string, scope = 'profile', more: object = {}) => ({ kind: 'field' as const, scope, name, ...more });
const event = (name: string, more: object = {}) => ({ kind: 'event' as const, scope: '', name, ...more });
const entity = (name: string) => ({ kind: 'entity' as const, scope: '', name });

describe('lintVocabulary', () => {
  it.each([
    [field('hatSize')], [field('email', 'order')], [field('startsAt', 'profile')], [event('Points Expired')], [entity('contract')], [field('shoeSizes', 'profile', { distinctFrom: ['shoeSize'] })], [event('Product Added to Wishlist', { mayExist: true })],
    [field('sku', 'event', { mayExist: true })],
  ])('takes %j', (term) => {
    expect(lint(term)).toEqual([]);
  });

  it.each<[Omit<VocabularyTerm, 'path'>, RegExp]>([
    [field('shoe_size'), /lowerCamelCase: write "shoeSize"/], [field('shoe.size'), /plain name, such as "size"/], [field('custom'), /reserved/], [field('constructor'), /cannot be/], [entity('order'), /reserved/],
    [field('email'), /there already/], [field('Shoesize'.replace('S', 's')), /capitals only: use "shoeSize"/], [field('shoeSizes'), /one letter away from "shoeSize".*"distinctFrom": \["shoeSize"\]/], [field('firstNmae'), /one letter away from "firstName"/],
    [field('startAt', 'appointment'), /one letter away from "startsAt"/], [field('appointments', 'event'), /one letter away from "appointment"/],
    [event('points_redeemed'), /Title Case "Object Action": write "Points Redeemed"/], [event('Points Redeem'), /past tense/], [event('Order Completed'), /there already/], [event('Orders Completed'), /one letter away from "Order Completed"/],
    [event('Segment Entered'), /platform makes itself/], [entity('Appointment'), /lowerCamelCase/],
  ])('refuses %j', (term, message) => {
    expect(lint(term)).toEqual([expect.stringMatching(message)]);
  });

  it('holds terms to each other, in their order', () => {
    expect(lint(field('beltSize'), field('beltSizes'), field('beltSize'))).toEqual([expect.stringMatching(/^\/1 .*one letter away from "beltSize"/), expect.stringMatching(/^\/2 .*there already/)]);
    expect(lint(event('Points Expired'), event('Points Expired', { mayExist: true }))).toEqual([]);
  });
});

describe('readVocabulary', () => {
  const paths = (tree: object): string[] => readVocabulary(tree as never).map(({ kind, scope, name, path }) => `${kind} ${scope} ${name} ${path}`);

  it('reads dictionaries and exported documents', () => {
    expect(paths({ customFields: [{ entity: 'profile', name: 'custom.shoeSize' }], customEvents: [{ name: 'Points Redeemed' }], customEntities: [{ name: 'appointment' }] })).toEqual(['field profile shoeSize /customFields/0/name', 'event  Points Redeemed /customEvents/0/name', 'entity  appointment /customEntities/0/name']);
    expect(paths({ kind: 'customEvents', id: 'x', content: { name: 'Points Redeemed' } })).toEqual(['event  Points Redeemed /content/name']);
    expect(paths({ kind: 'trackingPlans', id: 'x', content: { events: [{ name: 'Points Redeemed' }] } })).toEqual(['event  Points Redeemed /content/events/0']);
  });

  it('reads plans, with properties at any depth', () => {
    const nested = { properties: { items: { type: 'array', items: { properties: { unitPrice: {} } } } } };
    expect(paths({ events: [{ name: 'A Done', ...nested }, { name: 'B Done', schema: { properties: { 'odd/name': {} } } }] })).toEqual([
      'event  A Done /events/0', 'field event items /events/0/properties/items', 'field event.items unitPrice /events/0/properties/items/properties/unitPrice', 'event  B Done /events/1', 'field event odd/name /events/1/schema/properties/odd~1name',
    ]);
    expect(paths({ events: { 'A Done': { properties: {} } } })).toEqual(['event  A Done /events/A Done']);
  });

  it('reads nothing out of anything else', () => {
    for (const tree of [null, 5, 'x', [], {}, { events: 5 }, { events: [5, { name: 5 }] }, { customFields: [null, {}] }]) expect(readVocabulary(tree as never)).toEqual([]);
  });
});
