import fc from 'fast-check';
import { createDictionary } from '../canonical/create-dictionary.js';
import type { FieldSettlement } from '../canonical/dictionary.js';
import type { JsonValue } from '../json.js';
import { fieldOf } from './field-of.js';
import { newProfile } from './new-profile.js';
import type { Profile } from './profile.js';
import { settleFields } from './settle-fields.js';
import { encodeStoredKey } from './stored-key.js';

const dictionaryWith = (settlements: Record<string, FieldSettlement>) => createDictionary({
  customFields: [{ entity: 'profile', name: 'size', type: 'integer', description: 'Size.' }, { entity: 'profile', name: 'level', type: 'string', values: ['Gold', 'Silver'], description: 'Level.' }], settlements: new Map(Object.entries(settlements)),
});

function person(values: Record<string, JsonValue>, at: Record<string, number> = {}): Profile {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 'k', seenAt: 0, now: 0 });
  for (const [name, value] of Object.entries(values)) profile.fields[encodeStoredKey(name)] = { value, at: at[name] ?? 1, source: 'crm', origin: 'm', version: 1 };
  return profile;
}

const values = (profile: Profile): Record<string, JsonValue> => Object.fromEntries(['custom.size', 'custom.level', 'custom.older', 'email'].flatMap((name) => { const field = fieldOf(profile, name); return field === undefined ? [] : [[name, field.value]]; }));

describe('settleFields', () => {
  it('gives back the same profile where nothing is to be done', () => {
    const profile = person({ 'custom.size': 42, email: 'a@example.com' });
    expect(settleFields(profile, dictionaryWith({})).profile).toBe(profile);
    expect(settleFields(profile, dictionaryWith({ 'custom.size': { action: 'convert' }, 'custom.older': { action: 'drop' } }))).toEqual({ profile, fields: [] });
  });

  it.each<[FieldSettlement, JsonValue, JsonValue | undefined]>([
    [{ action: 'convert' }, '42', 42], [{ action: 'convert' }, 'large', undefined], [{ action: 'drop' }, '42', undefined], [{ action: 'drop' }, 42, 42], [{ action: 'convert' }, null, null],
  ])('%j of %j comes to %j', (settlement, before, after) => {
    const profile = person({ 'custom.size': before });
    const settled = settleFields(profile, dictionaryWith({ 'custom.size': settlement }));
    expect(values(settled.profile)['custom.size']).toEqual(after);
    expect(settled.fields).toEqual(before === after ? [] : ['custom.size']);
    expect(values(profile)['custom.size']).toEqual(before);
  });

  it('drops a field that there is no more, and moves one that has another name, as it can be read there', () => {
    expect(settleFields(person({ 'custom.older': 'x', email: 'a@example.com' }), dictionaryWith({ 'custom.older': { action: 'drop' } })).fields).toEqual(['custom.older']);
    const move = dictionaryWith({ 'custom.older': { action: 'move', to: 'custom.size' } });
    expect(values(settleFields(person({ 'custom.older': '42' }), move).profile)).toEqual({ 'custom.size': 42 });
    expect(values(settleFields(person({ 'custom.older': 'x' }), move).profile)).toEqual({});
    expect(values(settleFields(person({ 'custom.older': 41, 'custom.size': 42 }, { 'custom.older': 1, 'custom.size': 2 }), move).profile)).toEqual({ 'custom.size': 42 });
    expect(values(settleFields(person({ 'custom.older': 41, 'custom.size': 42 }, { 'custom.older': 3, 'custom.size': 2 }), move).profile)).toEqual({ 'custom.size': 41 });
  });

  it('changes nothing the second time, and leaves no value that the dictionary would not take', () => {
    const action = fc.constantFrom<FieldSettlement>({ action: 'convert' }, { action: 'drop' });
    const value = fc.oneof(fc.integer(), fc.constantFrom('42', 'gold', 'Gold', 'x', '', true, null, ['a'], { amountMinor: 1, currency: 'CNY' })) as fc.Arbitrary<JsonValue>;
    fc.assert(fc.property(fc.record({ size: value, level: value, older: value }), action, action, fc.constantFrom<FieldSettlement>({ action: 'drop' }, { action: 'move', to: 'custom.size' }, { action: 'move', to: 'custom.level' }), (given, size, level, older) => {
      const dictionary = dictionaryWith({ 'custom.older': older, 'custom.size': size, 'custom.level': level });
      const once = settleFields(person({ 'custom.size': given.size, 'custom.level': given.level, 'custom.older': given.older }), dictionary).profile;
      expect(settleFields(once, dictionary).profile).toBe(once);
      const left = values(once);
      expect(left['custom.size'] ?? 0).toEqual(expect.any(Number));
      expect([null, undefined, 'Gold', 'Silver']).toContain(left['custom.level']);
    }));
  });
});
