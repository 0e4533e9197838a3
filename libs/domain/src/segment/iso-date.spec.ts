import { parseIsoDate } from './iso-date.js';

describe('parseIsoDate', () => {
  it.each([
    ['2026-11-24', Date.UTC(2026, 10, 24)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-11-24T08:30Z', Date.UTC(2026, 10, 24, 8, 30)],
    ['2026-11-24T08:30:15.250Z', Date.UTC(2026, 10, 24, 8, 30, 15, 250)],
    ['2026-11-24T08:00:00+08:00', Date.UTC(2026, 10, 24)],
    ['1962-04-01', Date.UTC(1962, 3, 1)],
  ])('reads %s', (text, at) => {
    expect(parseIsoDate(text)).toBe(at);
  });

  it.each(['', '2026', '2026-02-30', '2026-13-01', '2025-02-29', '2026-00-10', '2026-11-00', '2026-11-24T08:30', '2026-11-24T24:00:00Z', '24.11.2026', '2026-11-24 08:30Z', 'x'.repeat(40)])(
    'refuses %j',
    (text) => {
      expect(parseIsoDate(text)).toBeNaN();
    },
  );
});
