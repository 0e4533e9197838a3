import fc from 'fast-check';
import { cronMistake, isInWindow, nextInWindow, nextOccurrence, nextOutOfWindow, type DayWindow } from './local-time.js';

const at = (text: string): number => Date.parse(text);
const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
const MINUTE_MS = 60_000;

describe('a window of the day', () => {
  const office: DayWindow = { from: '09:00', to: '17:30', days: [1, 2, 3, 4, 5] };
  const night: DayWindow = { from: '22:00', to: '08:00', days: [5] };

  it.each<[string, DayWindow, string, string, boolean]>([
    ['its first minute', office, '2026-03-02T08:00:00Z', 'Europe/Berlin', true],
    ['the minute before', office, '2026-03-02T07:59:59Z', 'Europe/Berlin', false],
    ['its end', office, '2026-03-02T16:30:00Z', 'Europe/Berlin', false],
    ['another day', office, '2026-03-01T10:00:00Z', 'Europe/Berlin', false],
    ['the evening on which it begins', night, '2026-03-06T23:00:00Z', 'UTC', true],
    ['the morning after', night, '2026-03-07T07:59:00Z', 'UTC', true],
    ['the morning before', night, '2026-03-06T07:00:00Z', 'UTC', false],
    ['a whole day', { from: '00:00', to: '00:00' }, '2026-03-06T07:00:00Z', 'UTC', true],
  ])('knows %s', (_, window, time, zone, expected) => {
    expect(isInWindow(at(time), window, zone)).toBe(expected);
  });

  it('opens next where clocks show it, over days off and changes of the clock', () => {
    expect(iso(nextInWindow(at('2026-03-06T20:00:00Z'), office, 'Europe/Berlin'))).toBe('2026-03-09T08:00:00.000Z');
    expect(iso(nextInWindow(at('2026-03-28T20:00:00Z'), { from: '09:00', to: '10:00' }, 'Europe/Berlin'))).toBe('2026-03-29T07:00:00.000Z');
    expect(iso(nextInWindow(at('2026-03-02T10:00:00Z'), office, 'UTC'))).toBe('2026-03-02T10:00:00.000Z');
  });

  it('closes next', () => {
    expect(iso(nextOutOfWindow(at('2026-03-06T23:00:00Z'), night, 'UTC'))).toBe('2026-03-07T08:00:00.000Z');
    expect(iso(nextOutOfWindow(at('2026-03-06T12:00:00Z'), night, 'UTC'))).toBe('2026-03-06T12:00:00.000Z');
    expect(iso(nextOutOfWindow(at('2026-03-06T12:00:00Z'), { from: '00:00', to: '00:00', days: [5, 6] }, 'UTC'))).toBe('2026-03-08T00:00:00.000Z');
  });

  it('is open when it opens, and closed when it closes', () => {
    const time = fc.integer({ min: 0, max: 1_439 }).map((minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`);
    const window = fc.record({ from: time, to: time, days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }) });
    const now = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') });
    fc.assert(fc.property(window, now, fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/New_York'), (given, from, zone) => {
      const opens = nextInWindow(from, given, zone);
      expect(opens).toBeGreaterThanOrEqual(from);
      // A time of day that the clock leaves out that day opens where the clock goes on.
      expect(isInWindow(opens, given, zone) || isInWindow(opens - 60 * MINUTE_MS, given, zone)).toBe(true);
      if (given.from !== given.to) expect(isInWindow(nextOutOfWindow(from, given, zone), given, zone)).toBe(false);
    }), { numRuns: 60 });
  });
});

describe('cron', () => {
  it('gives the next occurrence in its zone', () => {
    expect(iso(nextOccurrence('0 9 * * 1', 'Europe/Berlin', at('2026-03-02T08:00:00Z')))).toBe('2026-03-09T08:00:00.000Z');
  });

  it.each([['0 9 * * 1', null], ['0 9 * *', 'must be five'], ['* * 0 9 * * 1', 'must be five'], ['0 99 * * 1', 'is no cron'], ['0 0 31 2 *', 'never occurs']])('judges %s', (pattern, mistake) => {
    if (mistake === null) expect(cronMistake(pattern)).toBeNull();
    else expect(cronMistake(pattern)).toContain(mistake);
  });
});
