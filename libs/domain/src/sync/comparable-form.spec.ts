import fc from 'fast-check';
import type { JsonValue } from '../json.js';
import { comparableForm } from './comparable-form.js';

describe('the comparable form', () => {
  it.each<[string, JsonValue | undefined, JsonValue | undefined]>([
    ['a phone with spaces', '+8613987654321', '+86 139 8765 4321'],
    ['a phone with dashes and brackets', '+12025550123', '+1 (202) 555-0123'],
    ['a phone without its plus', '+8613987654321', '8613987654321'],
    ['a phone with dots', '+33123456789', '+33.1.23.45.67.89'],
    ['a phone as a number', '+12025550123', 12_025_550_123],
    ['capitals', 'Shanghai', 'SHANGHAI'],
    ['letters that have no single capital', 'Hauptstraße', 'HAUPTSTRASSE'],
    ['a sigma at the end', 'ΟΔΟΣ', 'οδος'],
    ['full width', 'Ｓｈａｎｇｈａｉ', 'shanghai'],
    ['white space around and within', ' New  York ', 'New York'],
    ['another apostrophe', 'O’Brien', "O'Brien"],
    ['no hyphen', 'Jean-Luc', 'Jean Luc'],
    ['an address in capitals', 'Ana@Example.com', 'ana@example.com '],
    ['empty text', '', null],
    ['blanks', '  ', undefined],
    ['an empty list', [], null],
    ['an empty object', { a: null }, null],
    ['the text of a number', '19.90', 19.9],
    ['a number with a point', '7.0', 7],
    ['the text of a truth', 'TRUE', true],
    ['another order', ['b', 'a'], ['A', 'b', '']],
    ['another order of keys', { a: 1, b: ['x'] }, { b: ['X'], a: '1' }],
    ['a day', '2026-03-01', '2026/3/1'],
    ['nothing below zero', -0, '0'],
  ])('is the same for %s', (_, one, other) => expect(comparableForm(one)).toBe(comparableForm(other)));

  it.each<[string, JsonValue | undefined, JsonValue | undefined]>([
    ['another digit', '+8613987654321', '+8613987654322'],
    ['a dot in an address', 'a.b@example.com', 'ab@example.com'],
    ['a point in a number', '1.5', '15'],
    ['a sign', -5, 5],
    ['zeros in front', '007', '7'],
    ['digits that stand apart', '12 3rd Street', '123rd Street'],
    ['another day', '2026-1-11', '2026-11-1'],
    ['a symbol', 'C++', 'C'],
    ['a letter', 'Ana', 'Anna'],
    ['an accent', 'Jose', 'José'],
    ['punctuation alone and nothing', '-', null],
    ['no and nothing', false, null],
    ['zero and nothing', 0, null],
    ['one more', ['a'], ['a', 'b']],
    ['another long id', '12345678901234567890', '12345678901234567891'],
    ['another script', '上海', '北京'],
  ])('is another for %s', (_, one, other) => expect(comparableForm(one)).not.toBe(comparableForm(other)));

  it('is its own form', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.string({ unit: fc.constantFrom('1', '2', '.', '-', ' ', '+', 'ſ', 'ß', 'İ', 'Σ', '\u0301', '@', '/') }), fc.jsonValue() as fc.Arbitrary<JsonValue>), (value) => {
      expect(comparableForm(comparableForm(value))).toBe(comparableForm(value));
    }), { numRuns: 2_000 });
  });

  it('is the same for whatever a vendor does to names and phones', () => {
    const spoil = fc.constantFrom<(text: string) => string>((text) => text.toUpperCase(), (text) => text.toLowerCase(), (text) => ` ${text} `, (text) => text.normalize('NFD'), (text) => text.replaceAll(' ', '  '));
    const name = fc.array(fc.string({ unit: fc.constantFrom(...'abcdezéüßñ李王'), minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '));
    const phone = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 8, maxLength: 14 }).map((digits) => `+${digits}`);
    fc.assert(fc.property(fc.oneof(name, phone), spoil, spoil, (text, one, other) => expect(comparableForm(other(one(text)))).toBe(comparableForm(text))), { numRuns: 500 });
    const cut = (text: string, at: number): string => `${text.slice(0, at)}-${text.slice(at)}`;
    fc.assert(fc.property(phone, fc.nat(6), (text, at) => expect(comparableForm(cut(text, at + 1))).toBe(comparableForm(text))), { numRuns: 200 });
  });
});
