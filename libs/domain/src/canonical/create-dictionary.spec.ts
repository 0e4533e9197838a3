import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import { compileMapping } from '../mapping/compile-mapping.js';
import type { CanonicalOrder, CanonicalProfile } from './canonical-entities.js';
import { createDictionary } from './create-dictionary.js';
import type { CustomField } from './custom-field.js';
import { ENTITIES } from './dictionary.js';
import { CHANNELS, PII_CLASSES } from './field-definition.js';
import { FIELD_TYPES } from './field-types.js';
import { lintFieldName } from './lint-names.js';
import { ReadIssues } from './read-issues.js';

const size: CustomField = { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' };

function mistakes(customFields: unknown[]): readonly ErrorPlace[] {
  try {
    createDictionary({ customFields: customFields as CustomField[] });
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'INVALID_REQUEST') return error.places;
    throw error;
  }
  return [];
}

describe('createDictionary', () => {
  const dictionary = createDictionary();

  it.each(ENTITIES)('describes %s: every field with a meaning, an owner, a PII class, a retention and purposes', (entity) => {
    const fields = dictionary.fields.filter((field) => field.entity === entity);
    expect(fields.length).toBeGreaterThan(6);
    for (const field of fields) {
      expect(field.description).toMatch(/\.$/);
      expect([...CHANNELS, 'any']).toContain(field.owner);
      expect(PII_CLASSES).toContain(field.pii);
      expect(field.retentionDays === null || field.retentionDays > 0).toBe(true);
      expect(lintFieldName(field.path)).toBeNull();
      expect(field.purposes.length).toBeGreaterThan(0);
    }
  });

  it('has no path twice', () => {
    expect(new Set(dictionary.fields.map(({ path }) => path)).size).toBe(dictionary.fields.length);
  });

  it('has examples that are read as they stand, and that its schemas take', () => {
    for (const { path, type, example, values } of dictionary.fields) {
      if (type === 'object' || type === 'objects') continue;
      const rule = FIELD_TYPES[type];
      expect({ path, read: rule.read(example as never, new ReadIssues()) }).toEqual({ path, read: example });
      expect({ path, fits: rule.schema.safeParse(example).success }).toEqual({ path, fits: true });
      if (values !== undefined) expect(values).toContain(example);
    }
  });

  it('gives typed entities', () => {
    const order: CanonicalOrder = { orderId: 'o1', total: { amountMinor: 1, currency: 'USD' }, lines: [{ sku: 'a', quantity: 1 }] };
    const profile: CanonicalProfile = { gender: 'female', age: 3 };
    // @ts-expect-error a gender that is not in the list
    const wrong: CanonicalProfile = { gender: 'no' };
    expect(dictionary.schemas.order.parse(order)).toEqual(order);
    expect(dictionary.schemas.profile.parse(profile)).toEqual(profile);
    expect(dictionary.schemas.profile.safeParse(wrong).success).toBe(false);
    expect(dictionary.schemas.order.safeParse({ total: 5 }).success).toBe(false);
    expect(dictionary.schemas.order.safeParse({ nope: 5 }).success).toBe(false);
  });

  it.each(['type', 'name', 'profile.email', 'identities.phone', 'identities', 'properties', 'properties.price', 'properties.price.amountMinor', 'order.lines', 'order.lines.sku', 'context.page.url', 'consents', 'consents.marketing', 'consents.C0002', 'store.storeId'])('takes the target %s', (path) => {
    expect(dictionary.isTarget(path)).toBe(true);
  });

  it.each(['', 'profile.nope', 'identities.ssn', 'profile.custom.shoeSize', 'consent.decision', 'consents.', 'consents.a.b', 'consents.__proto__', 'properties.price.x', 'order.lines.0.sku', '__proto__', 'toString'])('does not take the target "%s"', (path) => {
    expect(dictionary.isTarget(path)).toBe(false);
  });

  it('lists every target it takes', () => {
    expect(dictionary.targets.filter((path) => path !== 'consents.*' && !dictionary.isTarget(path))).toEqual([]);
    expect(dictionary.targets).toEqual(expect.arrayContaining(['profile.email', 'consents.*', 'order.lines.price']));
  });

  it('lets a mapping fill dictionary fields only', () => {
    expect(() => compileMapping({ 'profile.emial': '{{x}}' }, { targets: dictionary.isTarget })).toThrow(FirsthandError);
    expect(() => compileMapping({ 'profile.email': '{{x}}', order: { lines: { $each: '{{y}}', value: { sku: '{{z}}' } } } }, { targets: dictionary.isTarget })).not.toThrow();
  });
});

describe('createDictionary: custom fields', () => {
  it('adds them through the same door', () => {
    const dictionary = createDictionary({ customFields: [size, { ...size, entity: 'order', name: 'custom.giftWrap', type: 'boolean', pii: 'none', purposes: ['service'] }] });
    expect(dictionary.field('profile.custom.shoeSize')).toMatchObject({ entity: 'profile', name: 'custom.shoeSize', isCustom: true, isTarget: true, pii: 'personal', purposes: [] });
    expect(dictionary.field('order.custom.giftWrap')).toMatchObject({ pii: 'none', purposes: ['service'] });
    expect(dictionary.isTarget('profile.custom')).toBe(true);
    expect(dictionary.schemas.profile.safeParse({ 'custom.shoeSize': 42 }).success).toBe(true);
    expect(dictionary.schemas.profile.safeParse({ 'custom.shoeSize': 'x' }).success).toBe(false);
    expect(createDictionary().field('profile.custom.shoeSize')).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['a name that is not lowerCamelCase', { ...size, name: 'shoe_size' }, '/0/name'],
    ['a nested name', { ...size, name: 'custom.shoe.size' }, '/0/name'],
    ['a prototype', { ...size, name: 'constructor' }, '/0/name'],
    ['an entity that takes none', { ...size, entity: 'consent' }, '/0/entity'],
    ['an inherited entity', { ...size, entity: 'toString' }, '/0/entity'],
    ['an unknown type', { ...size, type: 'toString' }, '/0/type'],
    ['no meaning', { ...size, description: ' ' }, '/0/description'],
    ['an unknown PII class', { ...size, pii: 'secret' }, '/0/pii'],
    ['an unknown owner', { ...size, owner: 'tv' }, '/0/owner'],
    ['values of a number', { ...size, values: ['1'] }, '/0/values'],
    ['a retention of no days', { ...size, retentionDays: 0 }, '/0/retentionDays'],
  ])('refuses %s', (_, field, path) => {
    expect(mistakes([field]).map((place) => place.path)).toEqual([path]);
  });

  it('refuses the same name twice', () => {
    expect(mistakes([size, { ...size, name: 'custom.shoeSize' }]).map(({ path }) => path)).toEqual(['/1/name']);
  });
});
