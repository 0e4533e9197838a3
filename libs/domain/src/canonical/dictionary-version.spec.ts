import type { CustomField } from './custom-field.js';
import { findBreaks, nextDictionaryVersion, settlementsOf, versionText, type DictionaryChange } from './dictionary-version.js';

const size: CustomField = { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU.' };
const change = (path: string, more: Partial<DictionaryChange>): DictionaryChange => ({ path: `profile.custom.${path}`, change: 'changed', breaks: [], storedValues: null, ...more });
const settled = (...changes: DictionaryChange[]): object => Object.fromEntries(settlementsOf(changes.map((one) => ({ changes: [one] }))));

describe('findBreaks', () => {
  it.each<[string, Partial<CustomField>]>([
    ['another meaning', { description: 'UK.' }], ['an integer that may be any number', { type: 'number' }], ['a higher class', { pii: 'sensitive' }], ['the same name', { name: 'custom.shoeSize' }], ['another owner', { owner: 'crm' }], ['purposes', { purposes: ['a'] }],
  ])('finds none in %s', (_, after) => {
    expect(findBreaks(size, { ...size, ...after })).toEqual([]);
  });

  it.each<[Partial<CustomField>, Partial<CustomField>, string]>([
    [{}, { type: 'string' }, '/type'], [{ type: 'number' }, { type: 'integer' }, '/type'], [{}, { name: 'footSize' }, '/name'], [{}, { pii: 'pseudonymous' }, '/pii'], [{ pii: 'sensitive' }, {}, '/pii'],
    [{ type: 'string', values: ['a', 'b'] }, { type: 'string', values: ['a'] }, '/values'], [{ type: 'string' }, { type: 'string', values: ['a'] }, '/values'],
  ])('finds the one from %j to %j', (before, after, path) => {
    expect(findBreaks({ ...size, ...before }, { ...size, ...after }).map((place) => place.path)).toEqual([path]);
  });

  it('finds the end of a field, and values that are added harmless', () => {
    expect(findBreaks(size, null)).toHaveLength(1);
    expect(findBreaks({ ...size, type: 'string', values: ['a'] }, { ...size, type: 'string', values: ['a', 'b'] })).toEqual([]);
    expect(findBreaks({ ...size, type: 'string', values: ['a'] }, { ...size, type: 'string' })).toEqual([]);
  });
});

it('counts versions: what breaks is a new major one', () => {
  expect([nextDictionaryVersion({ major: 1, minor: 4 }, false), nextDictionaryVersion({ major: 1, minor: 4 }, true)].map(versionText)).toEqual(['1.5', '2.0']);
});

describe('settlementsOf', () => {
  it('follows what was chosen for stored values', () => {
    expect(settled(change('a', { storedValues: 'convert' }), change('b', { change: 'removed', storedValues: 'drop' }), change('c', { storedValues: 'keep' }), change('d', { change: 'renamed', to: 'profile.custom.e', storedValues: 'convert' }))).toEqual({
      'custom.a': { action: 'convert' }, 'custom.b': { action: 'drop' }, 'custom.d': { action: 'move', to: 'custom.e' },
    });
    expect(settled({ path: 'properties.custom.a', change: 'changed', breaks: [], storedValues: 'keep' })).toEqual({});
  });

  it('lets the last word hold', () => {
    expect(settled(change('a', { change: 'removed', storedValues: 'drop' }), change('a', { change: 'added' }))).toEqual({});
    expect(settled(change('a', { storedValues: 'convert' }), change('a', { storedValues: 'keep' }))).toEqual({});
    expect(settled(change('a', { change: 'renamed', to: 'profile.custom.b', storedValues: 'convert' }), change('b', { change: 'renamed', to: 'profile.custom.a', storedValues: 'convert' }))).toEqual({ 'custom.b': { action: 'move', to: 'custom.a' } });
    expect(Object.keys(settled(change('b', { change: 'removed', storedValues: 'drop' }), change('a', { change: 'renamed', to: 'profile.custom.b', storedValues: 'keep' })))).toEqual([]);
  });
});
