import fc from 'fast-check';
import { cronMistake, daysOfOccurrences, isInWindow, nextInWindow, nextOccurrence, nextOutOfWindow, type DayWindow } from './local-time.js';

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

describe('where the clock changes', () => {
  // Each change of a year: in spring it leaves an hour out (half an hour in Australia/Lord_Howe), in autumn it shows one twice.
  const CHANGES: [zone: string, spring: string, autumn: string][] = [
    ['America/New_York', '2026-03-08T07:00Z', '2026-11-01T06:00Z'], ['America/Chicago', '2026-03-08T08:00Z', '2026-11-01T07:00Z'], ['America/Los_Angeles', '2026-03-08T10:00Z', '2026-11-01T09:00Z'],
    ['America/Toronto', '2026-03-08T07:00Z', '2026-11-01T06:00Z'], ['Atlantic/Azores', '2026-03-29T01:00Z', '2026-10-25T01:00Z'], ['Europe/Berlin', '2026-03-29T01:00Z', '2026-10-25T01:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30Z', '2026-04-04T15:00Z'],
  ];
  const around = (change: string): number[] => Array.from({ length: 8 * 60 }, (_, minute) => at(change) + (minute - 240) * MINUTE_MS);
  const shows = (zone: string): ((time: number) => string) => {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    return (time) => format.format(time);
  };
  /** All occurrences within eight hours, each found from the one before. */
  const occurrences = (pattern: string, zone: string, change: string): string[] => {
    const found: string[] = [];
    for (let time = nextOccurrence(pattern, zone, at(change) - 240 * MINUTE_MS - 1); time !== null && time < at(change) + 240 * MINUTE_MS; time = nextOccurrence(pattern, zone, time)) found.push(iso(time)?.slice(11, 16) ?? '');
    return found;
  };

  it.each(CHANGES.flatMap(([zone, ...changes]) => changes.map((change) => [zone, change] as const)))('a pattern with * follows the clock of %s around %s, from every minute', (zone, change) => {
    const shown = shows(zone);
    const PATTERNS: [string, (clock: string) => boolean][] = [['* * * * *', () => true], ['*/15 * * * *', (clock) => Number(clock.slice(3)) % 15 === 0], ['0 * * * *', (clock) => clock.endsWith(':00')], ['*/20 1 * * *', (clock) => clock.startsWith('01:') && Number(clock.slice(3)) % 20 === 0]];
    for (const [pattern, isOne] of PATTERNS) {
      const minutes = around(change);
      const all = minutes.filter((time) => isOne(shown(time)));
      const last = all.at(-1) as number;
      const wrong = minutes.filter((time) => time < last && nextOccurrence(pattern, zone, time) !== all.find((one) => one > time));
      expect([pattern, wrong.map(iso)]).toEqual([pattern, []]);
    }
  });

  it.each(CHANGES.flatMap(([zone, ...changes]) => changes.map((change) => [zone, change] as const)))('set times are later than asked from, once a day, in %s around %s', (zone, change) => {
    for (const pattern of ['0 0 * * *', '30 0 * * *', '0 1 * * *', '15 1 * * *', '45 1 * * *', '0 2 * * *', '30 2 * * *', '0 3 * * *']) {
      const found = new Set<number>();
      const wrong = around(change).filter((time) => {
        const next = nextOccurrence(pattern, zone, time) ?? 0;
        const passedOver = [...found].some((one) => one > time && one < next);
        found.add(next);
        return next <= time || passedOver;
      });
      expect([pattern, wrong.map(iso)]).toEqual([pattern, []]);
      // None is left out, and none is there twice: a day and the change of the clock lie between.
      const days = [...found].sort((one, other) => one - other);
      for (const [index, day] of days.slice(1).entries()) expect(Math.abs(day - (days[index] as number) - 24 * 60 * MINUTE_MS)).toBeLessThanOrEqual(60 * MINUTE_MS);
    }
  });

  it('a set time is the first of two, and when clocks go on where they leave it out', () => {
    expect(occurrences('30 1 * * *', 'America/New_York', '2026-11-01T06:00Z')).toEqual(['05:30']);
    expect(occurrences('0,30 1 * * *', 'America/New_York', '2026-11-01T06:00Z')).toEqual(['05:00', '05:30']);
    expect(occurrences('30 2 * * *', 'Europe/Berlin', '2026-10-25T01:00Z')).toEqual(['00:30']);
    expect(occurrences('30 2 * * *', 'America/New_York', '2026-03-08T07:00Z')).toEqual(['07:00']);
    expect(occurrences('0,30 2,3 * * *', 'America/New_York', '2026-03-08T07:00Z')).toEqual(['07:00', '07:30']);
    expect(occurrences('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T15:30Z')).toEqual(['15:30']);
    expect(occurrences('0 * * * *', 'Europe/Berlin', '2026-10-25T01:00Z')).toEqual(['21:00', '22:00', '23:00', '00:00', '01:00', '02:00', '03:00', '04:00']);
  });

  it('a window opens and closes each time that clocks show it', () => {
    const zone = 'America/New_York';
    expect(iso(nextInWindow(at('2026-11-01T06:10Z'), { from: '01:30', to: '03:00' }, zone))).toBe('2026-11-01T06:30:00.000Z');
    expect(iso(nextOutOfWindow(at('2026-11-01T06:10Z'), { from: '22:00', to: '01:30' }, zone))).toBe('2026-11-01T06:30:00.000Z');
    expect(iso(nextOutOfWindow(at('2026-03-08T06:50Z'), { from: '22:00', to: '02:30' }, zone))).toBe('2026-03-08T07:00:00.000Z');
    expect(iso(nextInWindow(at('2026-03-08T06:50Z'), { from: '02:30', to: '05:00' }, zone))).toBe('2026-03-08T07:00:00.000Z');
  });

  it('gives the days of what was missed', () => {
    const days = (pattern: string, from: string, until: string) => daysOfOccurrences(pattern, 'Europe/Berlin', at(from), at(until)).map(iso);
    expect(days('0 9 * * *', '2026-03-28T08:00Z', '2026-03-31T07:00Z')).toEqual(['2026-03-28T08:00:00.000Z', '2026-03-29T07:00:00.000Z', '2026-03-30T07:00:00.000Z']);
    expect(days('0 */2 * * *', '2026-03-28T20:00Z', '2026-03-29T12:00Z')).toEqual(['2026-03-28T20:00:00.000Z', '2026-03-28T23:00:00.000Z']);
    expect(days('0 9 * * 1', '2026-03-02T08:00Z', '2026-03-09T08:00Z')).toHaveLength(1);
  });
});
