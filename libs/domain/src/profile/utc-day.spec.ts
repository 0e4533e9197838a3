import { utcDay } from './utc-day.js';

describe('utcDay', () => {
  it('changes at midnight UTC', () => {
    expect(utcDay(Date.UTC(2026, 10, 24))).toBe('2026-11-24');
    expect(utcDay(Date.UTC(2026, 10, 24) - 1)).toBe('2026-11-23');
  });

  it('tells more days apart than it remembers', () => {
    const times = Array.from({ length: 1_500 }, (_, day) => Date.UTC(2024, 0, 1 + day, 12));
    for (const at of [...times, ...times]) expect(utcDay(at)).toBe(new Date(at).toISOString().slice(0, 10));
  });
});
