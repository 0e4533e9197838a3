import type { JsonValue } from '@firsthand/domain';
import { boolean, clearable, dateTime, email, json, list, money, number, object, phone, select, text, url, type Field } from './fields.js';
import { fieldsValidator } from './fields-validator.js';

const check = (field: Field, value: JsonValue | undefined): JsonValue | undefined | string[] => {
  const result = fieldsValidator({ it: field })(value === undefined ? {} : { it: value });
  return result.ok ? (result.values as { it?: JsonValue }).it : result.places.map(({ path }) => path);
};

describe('fieldsValidator', () => {
  it.each<[string, Field, JsonValue, JsonValue]>([
    ['text', text('x'), 'a', 'a'],
    ['a number as text', text('x'), 1001, '1001'],
    ['number', number('x'), 1.5, 1.5],
    ['zero', number('x', { required: true }), 0, 0],
    ['boolean', boolean('x', { required: true }), false, false],
    ['select', select('x', ['eu', 'us']), 'us', 'us'],
    ['url', url('x'), 'http://example.com/a?b', 'http://example.com/a?b'],
    ['email', email('x'), 'jürgen@münchen.example', 'jürgen@münchen.example'],
    ['phone', phone('x'), '+8613912345678', '+8613912345678'],
    ['list', list('x'), ['a', 'b'], ['a', 'b']],
    ['dateTime', dateTime('x'), '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z'],
    ['money', money('x'), { amountMinor: -5, currency: 'JPY' }, { amountMinor: -5, currency: 'JPY' }],
    ['object', object('x'), { any: [null] }, { any: [null] }],
    ['json', json('x'), [{ a: null }], [{ a: null }]],
    ['null where it clears', clearable(text('x')), null, null],
    ['a value where null would clear', clearable(email('x')), 'ana@example.com', 'ana@example.com'],
  ])('takes %s', (_, field, value, taken) => expect(check(field, value)).toEqual(taken));

  it.each<[string, Field, JsonValue]>([
    ['text', text('x'), ['a']],
    ['text by pattern', text('x', { pattern: '^a+$' }), 'aab'],
    ['text by length', text('x', { maxLength: 2 }), 'abc'],
    ['number', number('x'), '1'],
    ['boolean', boolean('x'), 'true'],
    ['select', select('x', ['eu', 'us']), 'cn'],
    ['url without a host', url('x'), 'example.com'],
    ['url of another protocol', url('x'), 'ftp://example.com'],
    ['url with a password', url('x'), 'https://me:pass@example.com'],
    ['email', email('x'), 'ana@'],
    ['phone', phone('x'), '13912345678'],
    ['dateTime with an offset', dateTime('x'), '2026-11-24T08:00:00+08:00'],
    ['object', object('x'), ['a']],
  ])('refuses %s', (_, field, value) => expect(check(field, value)).toEqual(['/it']));

  it.each<[Field, JsonValue, string]>([
    [list('x'), ['a', 1], '/it/1'],
    [money('x'), { amountMinor: 1.5, currency: 'USD' }, '/it/amountMinor'],
    [money('x'), { amountMinor: 1, currency: 'usd' }, '/it/currency'],
  ])('names the place inside', (field, value, path) => expect(check(field, value)).toEqual([path]));

  it.each([undefined, null, '', [], {}])('drops %j before it checks', (empty) => {
    expect(check(email('x'), empty)).toBeUndefined();
    expect(check(list('x', { required: true }), empty)).toEqual(['/it']);
    expect(check(text('x', { default: 'd' }), empty)).toBe('d');
  });

  it('says what is missing, and repeats no value', () => {
    const validate = fieldsValidator({ email: email('Email', { required: true }), region: select('Region', ['eu']), code: text('Code', { pattern: '^a$' }) });
    const result = validate({ region: 'private-region', code: 'private-code' });
    expect(result).toMatchObject({ ok: false, places: [{ path: '/email', message: 'Required' }, { path: '/region' }, { path: '/code' }] });
    expect(JSON.stringify(result)).not.toContain('private-');
  });

  it('refuses unknown keys, or drops them when asked', () => {
    const fields = { a: text('A') };
    expect(fieldsValidator(fields)({ a: 'x', b: 1 })).toMatchObject({ ok: false, places: [{ path: '' }] });
    expect(fieldsValidator(fields, { unknownKeys: 'drop' })({ a: 'x', b: 1 })).toEqual({ ok: true, values: { a: 'x' } });
  });

  it('checks a removal: only the identifiers, none required, no default', () => {
    const fields = { email: email('E', { required: true }), phone: phone('P', { required: true }), tier: text('T', { default: 'x' }) };
    const validate = fieldsValidator(fields, { only: ['email', 'phone'] });
    expect(validate({ email: 'ana@example.com' })).toEqual({ ok: true, values: { email: 'ana@example.com' } });
    expect(validate({ email: 'none' }).ok).toBe(false);
    expect(validate({ tier: 'gold' }).ok).toBe(false);
    expect(fieldsValidator(fields, { only: ['email', 'tier'] })({})).toEqual({ ok: true, values: {} });
  });

  it.each([
    ['a pattern that is none', text('x', { pattern: '(' })],
    ['a select without options', select('x', [])],
    ['a default of another kind', number('x', { default: 'one' })],
    ['a kind that is none', { ...text('x'), kind: 'colour' as 'text' }],
  ])('refuses to compile %s', (_, field) => {
    expect(() => fieldsValidator({ it: field })).toThrow(expect.objectContaining({ code: 'INVALID_PLUGIN' }));
  });

  it('does not change its input', () => {
    const input = Object.freeze({ it: 5, empty: '' });
    expect(fieldsValidator({ it: text('x'), empty: text('x') })(input)).toEqual({ ok: true, values: { it: '5' } });
  });
});
