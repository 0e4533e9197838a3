import { isHistorical } from './is-historical.js';

const DAY = 86_400_000;

describe('isHistorical', () => {
  it('is what is more than 24 hours old at receipt, or imported', () => {
    expect(isHistorical(0, DAY)).toBe(false);
    expect(isHistorical(0, DAY + 1)).toBe(true);
    expect(isHistorical(DAY, DAY, true)).toBe(true);
  });
});
