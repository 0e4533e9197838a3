import { utcDay } from './utc-day.js';

describe('utcDay', () => {
  it('changes at midnight UTC', () => {
    expect(utcDay(Date.UTC(2026, 10, 24))).toBe('2026-11-24');
    expect(utcDay(Date.UTC(2026, 10, 24) - 1)).toBe('2026-11-23');
  });
});
