import { MalformedBody } from './errors.js';
import { jsonRecords } from './json-records.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('jsonRecords', () => {
  it.each([
    ['[{"a":1},{"a":2}]', undefined, [{ a: 1 }, { a: 2 }]],
    ['{"a":1}', undefined, [{ a: 1 }]],
    ['\ufeff{"a":1}', undefined, [{ a: 1 }]],
    ['[]', undefined, []],
    ['{"orders":[{"a":1}]}', 'orders', [{ a: 1 }]],
    ['{"other":1}', 'orders', []],
    ['{}', 'toString', []],
  ])('reads %s', (body, listAt, records) => {
    expect(jsonRecords(bytes(body), listAt)).toEqual(records);
  });

  it.each([
    ['', undefined],
    ['{"a":', undefined],
    ['1', undefined],
    ['null', undefined],
    ['"text"', undefined],
    ['[]', 'orders'],
    ['{"orders":{}}', 'orders'],
    ['{"orders":null}', 'orders'],
  ])('refuses %s', (body, listAt) => {
    expect(() => jsonRecords(bytes(body), listAt)).toThrow(MalformedBody);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => jsonRecords(Buffer.from('{"a":"\xff"}', 'latin1'))).toThrow(MalformedBody);
  });

  it('does not quote the body in its message', () => {
    expect(() => jsonRecords(bytes('ana@example.com'))).toThrow(/^The body is not valid JSON\.$/);
  });
});
