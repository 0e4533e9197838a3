import { createHash } from 'node:crypto';
import { hashWriteKey, newWriteKey, writeKeyKind } from './write-key.js';

describe('write keys', () => {
  it.each([['public', 'pk_'], ['secret', 'sk_']] as const)('makes a %s key of 32 random bytes', (kind, prefix) => {
    const one = newWriteKey(kind);
    expect(one.writeKey.startsWith(prefix)).toBe(true);
    expect(Buffer.from(one.writeKey.slice(3), 'base64url')).toHaveLength(32);
    expect(one.writeKey.endsWith(one.hint)).toBe(true);
    expect(one.hint).toHaveLength(4);
    expect(newWriteKey(kind).writeKey).not.toBe(one.writeKey);
    expect(writeKeyKind(one.writeKey)).toBe(kind);
  });

  it('finds a key by its SHA-256', () => {
    const { writeKey, hash } = newWriteKey('secret');
    expect(hashWriteKey(writeKey)).toBe(hash);
    expect(hash).toBe(createHash('sha256').update(writeKey).digest('hex'));
  });

  it.each(['', 'pk_', 'pk_short', `xk_${'a'.repeat(43)}`, `pk_${'a'.repeat(44)}`, ` pk_${'a'.repeat(43)}`, `pk_${'a'.repeat(42)}!`])('knows that %j is none', (text) => {
    expect(hashWriteKey(text)).toBeNull();
    expect(writeKeyKind(text)).toBeNull();
  });
});
