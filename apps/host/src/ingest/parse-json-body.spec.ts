import { FirsthandError } from '@firsthand/domain';
import { parseJsonBody, parseJsonText } from './parse-json-body.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));

describe('parseJsonBody', () => {
  it('parses JSON, also after a byte order mark', () => {
    expect(parse('{"a":[1,"ü"]}')).toEqual({ a: [1, 'ü'] });
    expect(parse('\uFEFF{}')).toEqual({});
  });

  it.each(['', '{', 'undefined', "{'a':1}", '{"a":1}x', `${'['.repeat(200_000)}`])('refuses what is none, without quoting it', (text) => {
    let error: unknown;
    try {
      parse(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FirsthandError);
    expect(error).toMatchObject({ code: 'MALFORMED_JSON', detail: undefined });
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseJsonBody(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toThrow(expect.objectContaining({ code: 'MALFORMED_JSON' }));
  });

  it.each(['__proto__', '\\u005f_proto__', '__pr\\u006fto__', '_\\u005Fproto\\u005f_'])('drops the key %s at every depth', (key) => {
    const parsed = parse(`{"a":{"${key}":{"x":1},"b":2},"${key}":3,"list":[{"${key}" : {"y":1}}]}`) as Record<string, object>;
    expect(JSON.stringify(parsed)).toBe('{"a":{"b":2},"list":[{}]}');
    expect(Object.getPrototypeOf(parsed.a)).toBe(Object.prototype);
  });

  it('keeps the text where it is a value', () => {
    expect(parseJsonText('{"a":"__proto__","b\\u0063":1}')).toEqual({ a: '__proto__', bc: 1 });
  });
});
