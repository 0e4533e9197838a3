import { stableId } from './stable-id.js';

describe('stableId', () => {
  it('is always the same for the same parts, 22 characters that a URL can hold', () => {
    expect(stableId('w', 'c', 'm')).toBe('Ceo2mZgmBfzmPN-Mvh96W4');
    expect(stableId('w', 'c', 'm')).toMatch(/^[\w-]{22}$/);
  });

  it('keeps parts apart', () => {
    const ids = [stableId('a', 'bc'), stableId('ab', 'c'), stableId('abc'), stableId('a","bc'), stableId('a', 1), stableId('a', '1'), stableId('bc', 'a'), stableId('', 'a', 'bc')];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
