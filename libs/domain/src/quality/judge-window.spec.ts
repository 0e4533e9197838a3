import { DAY_MS } from '../profile/utc-day.js';
import { EXPECTATION_DEFAULTS } from './expectation-schema.js';
import type { Expectation, ExpectationRule } from './expectation.js';
import { hoursOfWindow, judgeWindow, type WindowFacts } from './judge-window.js';
import { addBuckets, HOUR_MS, type QualityBucket } from './quality-bucket.js';

const MINUTE_MS = 60_000;
/** Two minutes past an hour: its last five minutes are over, and so is the grace. */
const NOW = Date.UTC(2026, 10, 24, 12, 2);
const expecting = (rule: ExpectationRule, more: Partial<Expectation> = {}): Expectation => ({ ...EXPECTATION_DEFAULTS, name: 'X', minimumEvents: 10, ...more, rule });
const judge = (rule: ExpectationRule, buckets: QualityBucket[], facts: Partial<WindowFacts> = {}, more: Partial<Expectation> = {}) => judgeWindow(expecting(rule, more), { now: NOW, buckets, countedSince: 0, lastAt: null, ...facts });
const bucket = (minutesAgo: number, checked: number, failed = 0, types?: Record<string, number>): QualityBucket => ({ at: Date.UTC(2026, 10, 24, 12) - minutesAgo * MINUTE_MS, checked, failed, ...(types === undefined ? {} : { types }) });
const COMPLETE = { kind: 'completeness', field: 'properties.coupon', mostFailing: 0.1 } as const;

describe('a rate', () => {
  it('is judged over its window alone, and fails above its limit', () => {
    expect(judge(COMPLETE, [bucket(5, 10, 1), bucket(60, 10, 1), bucket(65, 100, 100)])).toEqual({ status: 'passing', score: 0.9, checked: 20, failed: 2, observed: 0.1, expected: 0.1 });
    expect(judge(COMPLETE, [bucket(5, 10, 1), bucket(60, 10, 2)])).toMatchObject({ status: 'failing', score: 0.85 });
  });

  it('is unknown with too few, and the minutes that are not over do not count', () => {
    expect(judge(COMPLETE, [bucket(5, 9, 9), bucket(0, 100, 0)])).toMatchObject({ status: 'unknown', score: null, checked: 9 });
    expect(judge(COMPLETE, [bucket(15, 10, 10)], {}, { windowMinutes: 10 })).toMatchObject({ status: 'unknown', checked: 0 });
  });
});

describe('freshness', () => {
  const rule = { kind: 'freshness', withinMinutes: 30 } as const;
  it('fails after so many minutes without anything, also where nothing ever came', () => {
    const at = (minutes: number): number => NOW - minutes * MINUTE_MS;
    expect([29, 30].map((minutes) => judge(rule, [], { lastAt: at(minutes) }).status)).toEqual(['passing', 'failing']);
    expect([29, 30].map((minutes) => judge(rule, [], { countedSince: at(minutes) }).status)).toEqual(['passing', 'failing']);
    expect(judge(rule, [], { lastAt: at(95) })).toMatchObject({ observed: 95, expected: 30, score: 0 });
  });
});

describe('volume', () => {
  const rule = { kind: 'volume', weeks: 3, direction: 'down', mostChange: 0.5 } as const;
  const week = (weeks: number, checked: number): QualityBucket => bucket(60 + weeks * 7 * 24 * 60, checked);

  it('compares the last full hour with the median of the same hour of past weeks', () => {
    expect(judge(rule, [week(0, 50), week(1, 100), week(2, 100), week(3, 5_000)])).toEqual({ status: 'passing', score: 0.5, checked: 50, failed: 0, observed: 50, expected: 100 });
    expect(judge(rule, [week(0, 49), week(1, 100), week(2, 100), week(3, 5_000)])).toMatchObject({ status: 'failing' });
    expect(judge(rule, [week(1, 100), week(2, 100)])).toMatchObject({ status: 'failing', checked: 0, expected: 100 });
    expect(judge(rule, [week(0, 900), week(1, 100), week(2, 100), week(3, 100)])).toMatchObject({ status: 'passing', score: 1 });
    expect(judge({ ...rule, direction: 'both' }, [week(0, 900), week(1, 100), week(2, 100), week(3, 100)])).toMatchObject({ status: 'failing', score: 0 });
  });

  it('is of the same hour as clocks show it, over a change of the clock', () => {
    // 12 to 13 o'clock in Berlin, where clocks were set back on 25 October.
    const now = Date.UTC(2026, 10, 3, 12, 2);
    const at = (day: number, hour: number, checked: number): QualityBucket => ({ at: Date.UTC(2026, 9, day, hour), checked, failed: 0 });
    const berlin = { ...rule, weeks: 2, timeZone: 'Europe/Berlin' };
    const counted = [at(34, 11, 100), at(27, 11, 100), at(20, 10, 100), at(20, 11, 10)];
    expect(judge(berlin, counted, { now })).toMatchObject({ status: 'passing', observed: 100, expected: 100 });
    expect(judge({ ...berlin, timeZone: undefined }, counted, { now })).toMatchObject({ expected: 55 });
    expect(hoursOfWindow(expecting(berlin), now)).toEqual([at(34, 11, 0), at(27, 11, 0), at(20, 10, 0)].map((bucketOf) => bucketOf.at));
    // Half an hour's change takes its counts of two hours.
    expect(hoursOfWindow(expecting({ ...berlin, weeks: 1, timeZone: 'Australia/Lord_Howe' }), Date.UTC(2026, 9, 6, 12, 2))).toHaveLength(3);
  });

  it('is unknown before there are two weeks, and where hardly anything is usual', () => {
    const twoWeeksAgo = NOW - 15 * DAY_MS;
    expect(judge(rule, [week(1, 100)], { countedSince: NOW - 8 * DAY_MS })).toMatchObject({ status: 'unknown' });
    expect(judge(rule, [week(1, 100), week(2, 100)], { countedSince: twoWeeksAgo })).toMatchObject({ status: 'failing' });
    expect(judge(rule, [week(1, 9), week(2, 9)], { countedSince: twoWeeksAgo })).toMatchObject({ status: 'unknown' });
  });
});

it('a null rate fails when it moves, not by what it is', () => {
  const rule = { kind: 'nullRate', field: 'properties.coupon', baselineDays: 2, direction: 'up', mostChange: 0.2 } as const;
  expect(judge(rule, [bucket(30, 100, 60), bucket(90, 1_000, 400), bucket(3 * 24 * 60, 1_000, 0)])).toMatchObject({ status: 'passing', observed: 0.6, expected: 0.4 });
  expect(judge(rule, [bucket(30, 100, 61), bucket(90, 1_000, 400)])).toMatchObject({ status: 'failing' });
  expect(judge(rule, [bucket(30, 100, 0), bucket(90, 1_000, 400)])).toMatchObject({ status: 'passing', score: 1 });
  expect(judge({ ...rule, direction: 'down' }, [bucket(30, 100, 0), bucket(90, 1_000, 400)])).toMatchObject({ status: 'failing' });
  expect(judge(rule, [bucket(30, 100, 100), bucket(90, 9, 0)])).toMatchObject({ status: 'unknown' });
});

it('types drift by the share that changed', () => {
  const rule = { kind: 'typeDrift', field: 'order.total', baselineDays: 2, mostChange: 0.1 } as const;
  const before = bucket(90, 100, 0, { number: 100 });
  expect(judge(rule, [before, bucket(30, 10, 0, { number: 9, text: 1 })])).toMatchObject({ status: 'passing', observed: expect.closeTo(0.1) as number });
  expect(judge(rule, [before, bucket(30, 10, 0, { number: 8, text: 2 })])).toMatchObject({ status: 'failing', failed: 2 });
});

it('names the hours that a verdict reads, and all of them', () => {
  const hours = (rule: ExpectationRule, more: Partial<Expectation> = {}) => hoursOfWindow(expecting(rule, more), NOW).map((hour) => (NOW - hour) / HOUR_MS);
  expect(hours(COMPLETE).map(Math.floor)).toEqual([1, 0]);
  expect(hours({ kind: 'volume', weeks: 2, direction: 'down', mostChange: 0 }).map(Math.floor)).toEqual([1, 169, 337]);
  expect(hours({ kind: 'nullRate', field: 'x', baselineDays: 1, direction: 'up', mostChange: 0 })).toHaveLength(26);
  expect(hours({ kind: 'freshness', withinMinutes: 1 })).toEqual([]);
});

it('counts add up in any order', () => {
  const [a, b, c] = [[bucket(5, 1, 1, { text: 1 })], [bucket(5, 2, 0), bucket(0, 1)], [bucket(5, 1, 0, { text: 1, number: 2 })]] as const;
  const sum = addBuckets(addBuckets(a, b), c);
  expect(sum).toEqual([bucket(5, 4, 1, { text: 2, number: 2 }), bucket(0, 1)]);
  expect(addBuckets(c, addBuckets(b, a))).toEqual(sum);
});
