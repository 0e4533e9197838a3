import fc from 'fast-check';
import { admitPush, DEFAULT_PUSH_LIMITS, judgePush, pushAllowance, pushBaseline, pushLimitsSchema, type PushBaseline, type PushFigures, type PushLimits, type PushReference } from './index.js';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-11-24T12:00:00Z');
const figures = (size: number, more: Partial<PushFigures> = {}): PushFigures => ({ at: NOW, size, missing: [], newestAt: NOW, ...more });
const baseline = (more: Partial<PushBaseline> = {}): PushBaseline => ({ peak: null, start: null, reference: null, ...more });
const limits = (more: Partial<PushLimits> = {}): PushLimits => pushLimitsSchema.parse(more);
const kinds = (...given: Parameters<typeof judgePush>): string[] => judgePush(...given).map(({ kind }) => kind);

describe('the limits of a push', () => {
  it('are by default what keeps a broken import from emptying an audience', () => {
    expect(limits()).toEqual(DEFAULT_PUSH_LIMITS);
    expect(judgePush(figures(30), baseline({ peak: 1_000, start: 1_000 }), limits(), NOW)).toEqual([{ kind: 'shrunk', path: null, before: 1_000, now: 30, limit: 500 }]);
    expect(kinds(figures(500), baseline({ peak: 1_000 }), limits(), NOW)).toEqual([]);
    // Fewer than 50 people are of no concern, whatever they are in percent.
    expect(kinds(figures(0), baseline({ peak: 49 }), limits(), NOW)).toEqual([]);
    expect(kinds(figures(0), baseline({ peak: 50 }), limits(), NOW)).toEqual(['shrunk']);
    expect(kinds(figures(1_000_000), baseline({ peak: 10, start: 10 }), limits(), NOW)).toEqual([]);
  });

  it.each<[string, Partial<PushLimits>, number, string[]]>([
    ['people, whatever they are in percent', { shrinkPercent: null, shrinkPeople: 10 }, 989, ['shrunk']],
    ['people, to the last one', { shrinkPercent: null, shrinkPeople: 10 }, 990, []],
    ['growth in percent', { growPercent: 20 }, 1_201, ['grown']],
    ['growth in people', { growPeople: 100 }, 1_101, ['grown']],
    ['nothing', { shrinkPercent: null }, 0, []],
  ])('are %s', (_, own, size, expected) => {
    expect(kinds(figures(size), baseline({ peak: 1_000, start: 1_000 }), limits(own), NOW)).toEqual(expected);
  });

  it('are values that members lack more than they did, field by field', () => {
    const reference: PushReference = { ...figures(1_000, { missing: [{ path: 'profile.email', count: 100 }, { path: 'profile.phone', count: 900 }] }), isApproved: false };
    const now = figures(1_000, { missing: [{ path: 'profile.email', count: 400 }, { path: 'profile.phone', count: 910 }, { path: 'profile.city', count: 1_000 }] });
    const own = limits({ missingPoints: 20 });
    expect(judgePush(now, baseline({ reference }), own, NOW)).toEqual([{ kind: 'missing', path: 'profile.email', before: 10, now: 40, limit: 20 }]);
    expect(judgePush(now, baseline(), own, NOW)).toEqual([]);
    expect(judgePush(figures(0), baseline({ reference }), own, NOW)).toEqual([]);
  });

  it('are the age of what is known, until somebody has said that it is all right', () => {
    const old = figures(1_000, { newestAt: NOW - 30 * HOUR_MS });
    expect(judgePush(old, baseline(), limits({ staleHours: 24 }), NOW)).toEqual([{ kind: 'stale', path: null, before: null, now: 30, limit: 24 }]);
    expect(kinds(old, baseline({ reference: { ...old, isApproved: true } }), limits({ staleHours: 24 }), NOW)).toEqual([]);
    expect(kinds({ ...old, newestAt: old.newestAt as number + 1 }, baseline({ reference: { ...old, isApproved: true } }), limits({ staleHours: 24 }), NOW)).toEqual(['stale']);
  });

  it('are the age of nothing: of members without an event nobody knows how fresh they are', () => {
    const eventless = figures(1_000, { newestAt: null });
    expect(judgePush(eventless, baseline(), limits({ staleHours: 24 }), NOW)).toEqual([{ kind: 'stale', path: null, before: null, now: null, limit: 24 }]);
    expect(kinds(eventless, baseline({ reference: { ...eventless, isApproved: true } }), limits({ staleHours: 24 }), NOW)).toEqual([]);
    expect(kinds(eventless, baseline({ reference: { ...eventless, newestAt: NOW, isApproved: true } }), limits({ staleHours: 24 }), NOW)).toEqual(['stale']);
    expect(kinds(eventless, baseline(), limits(), NOW)).toEqual([]);
    expect(kinds(figures(0, { newestAt: null }), baseline(), limits({ staleHours: 24 }), NOW)).toEqual([]);
  });
});

describe('what figures are held against', () => {
  const sizes = [{ at: NOW - 30 * HOUR_MS, size: 100 }, { at: NOW - 5 * HOUR_MS, size: 1_000 }, { at: NOW - HOUR_MS, size: 800 }];

  it('is the most of the hours, and what the recipient has', () => {
    expect(pushBaseline({ sizes, confirmed: null, reference: null }, limits(), NOW)).toEqual({ peak: 1_000, start: 100, reference: null });
    expect(pushBaseline({ sizes, confirmed: 1_200, reference: null }, limits(), NOW).peak).toBe(1_200);
    expect(pushBaseline({ sizes: [], confirmed: 0, reference: null }, limits(), NOW)).toEqual({ peak: null, start: null, reference: null });
  });

  it('is what was approved, and what came after it, for the hours of the limits', () => {
    const approved: PushReference = { ...figures(50, { at: NOW - 2 * HOUR_MS }), isApproved: true };
    expect(pushBaseline({ sizes, confirmed: 1_200, reference: approved }, limits(), NOW)).toEqual({ peak: 800, start: 50, reference: approved });
    expect(pushBaseline({ sizes, confirmed: 1_200, reference: { ...approved, at: NOW - 25 * HOUR_MS } }, limits(), NOW).peak).toBe(1_200);
  });
});

describe('admission', () => {
  const open = { state: 'open' as const, allowance: 100, figures: figures(2_000), checkedAt: NOW };
  const ask = (pass: Parameters<typeof admitPush>[0], removals: number, additions: number, own: Partial<PushLimits> = {}, now = NOW) => admitPush(pass, { removals, additions }, limits(own), now);

  it('is for few, of a segment that nobody has looked at yet, and for all whom no limit is about', () => {
    expect(ask(undefined, 49, 10_000)).toEqual({ isAdmitted: true, allowance: 0 });
    expect(ask(undefined, 50, 0).isAdmitted).toBe(false);
    expect(ask(undefined, 0, 50, { growPercent: 20 }).isAdmitted).toBe(false);
    expect(ask(undefined, 5_000, 0, { shrinkPercent: null }).isAdmitted).toBe(true);
  });

  it('is as far as the allowance goes, for all or none', () => {
    expect(ask(open, 60, 0)).toEqual({ isAdmitted: true, allowance: 40 });
    expect(ask(open, 101, 0)).toEqual({ isAdmitted: false, allowance: 100 });
  });

  it('is for nobody while the gate is shut, nor on figures that are old where limits are about more than sizes', () => {
    for (const state of ['asked', 'held'] as const) expect(ask({ ...open, state }, 0, 1).isAdmitted).toBe(false);
    expect(ask(open, 0, 1, { staleHours: 5 }).isAdmitted).toBe(true);
    expect(ask(open, 0, 1, { staleHours: 5 }, NOW + 11 * 60_000).isAdmitted).toBe(false);
    expect(ask(undefined, 0, 1, { missingPoints: 5 }).isAdmitted).toBe(false);
  });

  it('lets nothing go that would break a limit', () => {
    const own = fc.record({ shrinkPercent: fc.option(fc.integer({ min: 0, max: 100 })), shrinkPeople: fc.option(fc.integer({ min: 0, max: 500 })), growPercent: fc.option(fc.integer({ min: 0, max: 100 })), growPeople: fc.option(fc.integer({ min: 0, max: 500 })), minPeople: fc.integer({ min: 1, max: 100 }) });
    fc.assert(fc.property(own, fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 1_000 }), fc.boolean(), (given, size, peak, start, isGrowing) => {
      const past = baseline({ peak, start });
      const held = limits(given);
      fc.pre(judgePush(figures(size), past, held, NOW).length === 0);
      const allowance = pushAllowance(figures(size), past, held);
      const after = Math.max(0, size + (isGrowing ? allowance : -allowance));
      expect(judgePush(figures(after), past, held, NOW)).toEqual([]);
    }), { numRuns: 2_000 });
  });
});
