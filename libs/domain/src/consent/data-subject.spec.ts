import fc from 'fast-check';
import { isChild, lastBirthdayOfAdults, UNKNOWN_SUBJECT } from './data-subject.js';

const at = (iso: string): number => Date.parse(iso);

describe('the latest date of birth of those who are no children', () => {
  it('is fourteen years before the day that is over nowhere yet', () => {
    expect([lastBirthdayOfAdults(at('2026-11-24T11:59:59.999Z')), lastBirthdayOfAdults(at('2026-11-24T12:00:00Z'))]).toEqual(['2012-11-23', '2012-11-24']);
  });

  it('says of every date what is said of whoever was born then', () => {
    const day = fc.integer({ min: at('1998-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });
    fc.assert(fc.property(day, fc.integer({ min: -3, max: 3 }), (now, days) => {
      const birthday = new Date(Date.parse(lastBirthdayOfAdults(now).replace('02-29', '02-28')) + days * 86_400_000).toISOString().slice(0, 10);
      return birthday > lastBirthdayOfAdults(now) === isChild({ ...UNKNOWN_SUBJECT, birthday }, now);
    }), { numRuns: 2_000, examples: [[at('2024-02-29T18:00:00Z'), 1], [at('2026-02-28T18:00:00Z'), 1], [at('2026-03-01T18:00:00Z'), -1]] });
  });
});
