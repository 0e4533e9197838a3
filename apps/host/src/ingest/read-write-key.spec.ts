import { newWriteKey } from '@firsthand/access';
import { readWriteKeyHash } from './read-write-key.js';

const { writeKey, hash } = newWriteKey('public');
const other = newWriteKey('secret');
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const read = (authorization: string | undefined, body: unknown = undefined, query: unknown = {}) => readWriteKeyHash({ headers: { authorization }, body, query });

describe('readWriteKeyHash', () => {
  it.each([basic(`${writeKey}:`), basic(writeKey), basic(`${writeKey}:password:more`), `bearer ${writeKey}`, `BASIC ${basic(`${writeKey}:`).slice(6)}`])('reads it from the header %#', (header) => {
    expect(read(header)).toBe(hash);
    expect(read(header)).toBe(hash);
  });

  it('reads it from the body and the query when there is no header', () => {
    expect(read(undefined, { writeKey })).toBe(hash);
    expect(read('', {}, { writeKey })).toBe(hash);
    expect(read(undefined, { writeKey: other.writeKey }, { writeKey })).toBe(other.hash);
  });

  it('lets the header win, even a wrong one', () => {
    expect(read(basic('pk_wrong:'), { writeKey })).toBeNull();
    expect(read(basic(`${other.writeKey}:`), { writeKey })).toBe(other.hash);
  });

  it.each([[undefined, undefined], [undefined, { writeKey: 5 }], [undefined, { writeKey: '' }], [undefined, [writeKey]], ['Digest x', undefined], ['Basic', undefined], ['Basic %%%', undefined], [`Basic ${writeKey}`, undefined]])('gives null for %j %j', (header, body) => {
    expect(read(header, body)).toBeNull();
  });

  it('stays right when it has met very many headers', () => {
    for (let index = 0; index < 1_200; index += 1) read(basic(`${newWriteKey('public').writeKey}:`));
    expect(read(basic(`${writeKey}:`))).toBe(hash);
    expect(read(basic(`${other.writeKey}:`))).toBe(other.hash);
  });
});
