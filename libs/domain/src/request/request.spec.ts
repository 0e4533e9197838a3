import fc from 'fast-check';
import { FirsthandError } from '../errors/index.js';
import { OPEN_STATUSES, REQUEST_STATUSES } from './privacy-request.js';
import { DEFAULT_REQUEST_SETTINGS, extendedDueAt, regimeFor, requestDueAt } from './request-due.js';
import { assertTransition, canTransition } from './request-transition.js';

const code = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof FirsthandError ? error.code : 'other';
  }
};

describe('the status of a request', () => {
  it('goes on as the table says, and never from an answer', () => {
    const going = REQUEST_STATUSES.flatMap((from) => REQUEST_STATUSES.filter((to) => canTransition(from, to)).map((to) => `${from} > ${to}`));
    expect(going).toEqual([
      'received > identity-check', 'received > in-progress', 'received > refused', 'received > cancelled', 'identity-check > received', 'identity-check > refused', 'identity-check > cancelled',
      'in-progress > completed', 'in-progress > refused',
    ]);
    expect(REQUEST_STATUSES.filter((status) => REQUEST_STATUSES.some((to) => canTransition(status, to)))).toEqual(OPEN_STATUSES);
  });

  it('does not come to work before it is shown who asks', () => {
    expect(code(() => assertTransition({ status: 'identity-check', isVerified: false }, 'in-progress'))).toBe('IDENTITY_UNVERIFIED');
    expect(code(() => assertTransition({ status: 'received', isVerified: false }, 'in-progress'))).toBe('IDENTITY_UNVERIFIED');
    expect(code(() => assertTransition({ status: 'completed', isVerified: true }, 'in-progress'))).toBe('REQUEST_TRANSITION');
    expect(code(() => assertTransition({ status: 'received', isVerified: true }, 'in-progress'))).toBe('none');
  });

  it('reaches work over no path on which nobody was verified', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...REQUEST_STATUSES), { maxLength: 12 }), fc.boolean(), (wanted, isVerified) => {
      let request = { status: isVerified ? 'received' : 'identity-check', isVerified } as Parameters<typeof assertTransition>[0];
      for (const to of wanted) if (code(() => assertTransition(request, to)) === 'none') request = { ...request, status: to };
      return isVerified || (request.status !== 'in-progress' && request.status !== 'completed');
    }));
  });
});

describe('the due date', () => {
  const at = (iso: string) => Date.parse(iso);
  const settings = { ...DEFAULT_REQUEST_SETTINGS, holidays: ['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'], workingWeekends: ['2026-10-10'] };

  it.each([
    ['gdpr', '2026-11-24T08:00:00Z', '2026-12-24T08:00:00Z'],
    ['ccpa', '2026-11-24T08:00:00Z', '2027-01-08T08:00:00Z'],
    // Three weeks of five days.
    ['pipl', '2026-11-24T02:00:00Z', '2026-12-15T02:00:00Z'],
    // A Friday evening in UTC is a Saturday in China: Monday is the first day.
    ['pipl', '2026-11-27T20:00:00Z', '2026-12-17T20:00:00Z'],
    // The national holidays leave out five working days, a Saturday is worked for them.
    ['pipl', '2026-09-28T02:00:00Z', '2026-10-23T02:00:00Z'],
    // Of China's days, those that begin in the evening of the day before in UTC.
    ['pipl', '2026-09-27T20:00:00Z', '2026-10-22T20:00:00Z'],
  ] as const)('of %s for %s is %s', (regime, receivedAt, dueAt) => {
    expect(new Date(requestDueAt(regime, at(receivedAt), settings)).toISOString()).toBe(new Date(at(dueAt)).toISOString());
  });

  it('is on a working day under PIPL, fifteen of which lie between', () => {
    fc.assert(fc.property(fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }), (receivedAt) => {
      const dueAt = requestDueAt('pipl', receivedAt, DEFAULT_REQUEST_SETTINGS);
      const weekday = new Date(dueAt + 8 * 3_600_000).getUTCDay();
      const days = (dueAt - receivedAt) / 86_400_000;
      return weekday >= 1 && weekday <= 5 && days >= 19 && days <= 21;
    }));
  });

  it('is that of the country, else of the workspace', () => {
    expect(['CN', 'US', 'DE', 'GB', 'BR', null].map((country) => regimeFor(country, { ...settings, regime: 'pipl' }))).toEqual(['pipl', 'ccpa', 'gdpr', 'gdpr', 'pipl', 'pipl']);
  });

  it('can be put off once, in time, where the law allows it', () => {
    const request = { regime: 'gdpr', status: 'in-progress', dueAt: at('2026-12-24T08:00:00Z'), isExtended: false } as const;
    const now = at('2026-12-01T08:00:00Z');
    expect(new Date(extendedDueAt(request, now)).toISOString()).toBe('2027-02-22T08:00:00.000Z');
    expect(new Date(extendedDueAt({ ...request, regime: 'ccpa' }, now)).toISOString()).toBe('2027-02-07T08:00:00.000Z');
    const refused = [{ ...request, regime: 'pipl' as const }, { ...request, isExtended: true }, { ...request, status: 'completed' as const }];
    expect(refused.map((one) => code(() => extendedDueAt(one, now)))).toEqual(['NOT_EXTENDABLE', 'NOT_EXTENDABLE', 'NOT_EXTENDABLE']);
    expect(code(() => extendedDueAt(request, request.dueAt))).toBe('NOT_EXTENDABLE');
  });
});
