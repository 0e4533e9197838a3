import { changeValues } from './change-values.js';
import { FirsthandError } from './errors/index.js';
import type { JsonValue } from './json.js';

const record: JsonValue = { id: 7, customer: { email: 'ana@', 'a/b': 1, '~': 2 }, lines: [{ sku: 'x' }, { sku: 'y' }] };

describe('changing values of a record', () => {
  it('sets, adds and takes out, says what was there before, and leaves the record as it was', () => {
    const before = structuredClone(record);
    const { raw, changed } = changeValues(record, [
      { path: '/customer/email', value: 'ana@example.com' }, { path: '/customer/phone', value: null }, { path: '/lines/0' }, { path: '/lines/0/sku', value: 'z' }, { path: '/lines/-', value: { sku: 'w' } },
    ]);
    expect(raw).toEqual({ id: 7, customer: { email: 'ana@example.com', 'a/b': 1, '~': 2, phone: null }, lines: [{ sku: 'z' }, { sku: 'w' }] });
    expect(changed).toEqual([
      { path: '/customer/email', old: 'ana@', new: 'ana@example.com' }, { path: '/customer/phone', new: null }, { path: '/lines/0', old: { sku: 'x' } }, { path: '/lines/0/sku', old: 'y', new: 'z' }, { path: '/lines/-', new: { sku: 'w' } },
    ]);
    expect(record).toEqual(before);
  });

  it('reads escaped keys, keeps keys in their order, and takes __proto__ for a key', () => {
    expect(changeValues(record, [{ path: '/customer/a~1b', value: 3 }, { path: '/customer/~0', value: 4 }]).raw).toMatchObject({ customer: { 'a/b': 3, '~': 4 } });
    expect(JSON.stringify(changeValues({ a: 1, b: 2 }, [{ path: '/a', value: 3 }]).raw)).toBe('{"a":3,"b":2}');
    expect(JSON.stringify(changeValues({}, [{ path: '/__proto__', value: { polluted: true } }]).raw)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each(['', 'customer', '/none/email', '/id/x', '/lines/5', '/lines/01', '/lines/x/sku', '/customer/~2'])('refuses a pointer that leads nowhere: %s', (path) => {
    expect(() => changeValues(record, [{ path: '/id', value: 8 }, { path, value: 1 }])).toThrow(FirsthandError);
  });

  it('refuses to take out what is not there, with the place of the change', () => {
    expect.assertions(1);
    try {
      changeValues(record, [{ path: '/customer/name' }]);
    } catch (error) {
      expect((error as FirsthandError).places).toEqual([{ path: '/changes/0/path', message: 'leads to no place in the record' }]);
    }
  });
});
