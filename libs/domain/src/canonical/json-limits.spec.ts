import type { JsonValue } from '../json.js';
import { deriveMessageId } from './derive-message-id.js';
import { checkJsonLimits } from './json-limits.js';

function nested(depth: number): JsonValue {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as JsonValue;
}

describe('checkJsonLimits', () => {
  it.each<[string, JsonValue, ReturnType<typeof checkJsonLimits>]>([
    ['a scalar', 5, null],
    ['null', null, null],
    ['32 levels', nested(32), null],
    ['33 levels', nested(33), 'deep'],
    ['a level count that would overflow a recursion', nested(100_000), 'deep'],
    ['2,000 elements', Array.from({ length: 2000 }, () => 1), null],
    ['2,001 elements', Array.from({ length: 2001 }, () => 1), 'keys'],
    ['2,001 keys over many objects', Array.from({ length: 667 }, () => ({ a: 1, b: 2, c: 3 })), 'keys'],
  ])('%s', (_, value, expected) => {
    expect(checkJsonLimits(value)).toBe(expected);
  });

  it('keeps the limits it is given', () => {
    expect(checkJsonLimits({ a: {} }, { maxDepth: 1, maxKeys: 5 })).toBe('deep');
    expect(checkJsonLimits({ a: {} }, { maxDepth: 2, maxKeys: 1 })).toBeNull();
  });
});

describe('deriveMessageId', () => {
  it('depends on the content, not on the order of keys', () => {
    expect(deriveMessageId({ a: 1, b: { c: [1, 2], d: null } })).toBe(deriveMessageId({ b: { d: null, c: [1, 2] }, a: 1 }));
    expect(deriveMessageId({ a: [1, 2] })).not.toBe(deriveMessageId({ a: [2, 1] }));
    expect(deriveMessageId({ a: '1' })).not.toBe(deriveMessageId({ a: 1 }));
    expect(deriveMessageId({ 'a,"b':1 })).not.toBe(deriveMessageId({ a: 1, b: 1 }));
  });

  it('stays the same over versions: it is stored', () => {
    expect(deriveMessageId({ a: 1 })).toBe('h-AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX-GI');
  });
});
