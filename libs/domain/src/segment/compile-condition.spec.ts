import type { Activity } from '../profile/profile.js';
import { DAY_MS } from '../profile/utc-day.js';
import { activityKey } from './activity-key.js';
import { compileCondition } from './compile-condition.js';
import type { ConditionSubject } from './condition-subject.js';
import type { Condition, PropertyCondition } from './condition.js';

const MIDNIGHT = Date.UTC(2026, 10, 24);
const NOON = MIDNIGHT + DAY_MS / 2;
const HOUR = 3_600_000;

interface Given {
  traits?: Record<string, string | number | string[] | null>;
  activity?: Record<string, Partial<Activity>>;
  memberships?: Record<string, boolean>;
  grants?: Record<string, { isGranted: boolean; expiresAt?: number | null }>;
  event?: ConditionSubject['event'];
}

function subjectOf({ traits = {}, activity = {}, memberships = {}, grants = {}, event }: Given): ConditionSubject {
  return {
    profile: {
      fields: Object.fromEntries(Object.entries(traits).map(([name, value]) => [name, { value, at: 0, source: 's', origin: 'o', version: 1 }])),
      activity: Object.fromEntries(Object.entries(activity).map(([key, counter]) => [key, { first: 0, last: 0, total: 0, days: {}, ...counter }])),
      memberships: Object.fromEntries(Object.entries(memberships).map(([id, isMember]) => [id, { n: isMember ? 1 : 2, isMember, at: 0, segmentVersion: 1 }])),
    },
    isConsented: (purpose) => grants[purpose] ?? { isGranted: false },
    event,
  };
}

function ask(condition: Condition, given: Given, now = NOON) {
  const { isMember, nextChangeAt } = compileCondition(condition).evaluate(subjectOf(given), now);
  return [isMember, nextChangeAt];
}

describe('compileCondition', () => {
  it('holds for an empty all, not for an empty any', () => {
    expect(ask({ all: [] }, {})).toEqual([true, null]);
    expect(ask({ any: [] }, {})).toEqual([false, null]);
    expect(ask({ not: { any: [] } }, {})).toEqual([true, null]);
  });

  it('compares traits, also those with a dot in their name', () => {
    expect(ask({ trait: 'city', op: 'eq', value: 'Shanghai' }, { traits: { city: 'Shanghai' } })).toEqual([true, null]);
    expect(ask({ trait: 'custom.shoeSize', op: 'gte', value: 42 }, { traits: { 'custom%2EshoeSize': 43 } })).toEqual([true, null]);
    expect(ask({ trait: 'constructor', op: 'exists' }, {})).toEqual([false, null]);
    expect(ask({ trait: 'city', op: 'neq', value: 'Shanghai' }, { traits: { city: null } })).toEqual([true, null]);
  });

  it('lets `before { ago }` begin one millisecond after the span is over', () => {
    const condition: Condition = { trait: 'lastVisit', op: 'before', value: { ago: { days: 1 } } };
    const traits = { lastVisit: '2026-11-23T12:00:00.000Z' };
    expect(ask(condition, { traits }, NOON)).toEqual([false, NOON + 1]);
    expect(ask(condition, { traits }, NOON + 1)).toEqual([true, null]);
    expect(ask(condition, { traits: { lastVisit: 'lately' } })).toEqual([false, null]);
    expect(ask(condition, {})).toEqual([false, null]);
  });

  it('lets `after { ago }` end exactly when the span is over', () => {
    const condition: Condition = { trait: 'lastVisit', op: 'after', value: { ago: { days: 1 } } };
    const traits = { lastVisit: '2026-11-23T12:00:00.000Z' };
    expect(ask(condition, { traits }, NOON - 1)).toEqual([true, NOON]);
    expect(ask(condition, { traits }, NOON)).toEqual([false, null]);
    expect(ask(condition, { traits: { lastVisit: ['2020-01-01', '2026-11-24'] } })).toEqual([true, MIDNIGHT + DAY_MS]);
  });

  it('lets an event within a span end exactly when the span is over', () => {
    const condition: Condition = { event: 'Order Completed', within: { hours: 2 } };
    const activity = { 'Order Completed': { last: NOON } };
    expect(ask(condition, { activity }, NOON)).toEqual([true, NOON + 2 * HOUR]);
    expect(ask(condition, { activity }, NOON + 2 * HOUR - 1)).toEqual([true, NOON + 2 * HOUR]);
    expect(ask(condition, { activity }, NOON + 2 * HOUR)).toEqual([false, null]);
    expect(ask({ not: condition }, { activity }, NOON)).toEqual([false, NOON + 2 * HOUR]);
    expect(ask({ event: 'Order Completed', within: { days: 1 } }, { activity }, MIDNIGHT + DAY_MS)).toEqual([true, NOON + DAY_MS]);
  });

  it('knows an event ever from never', () => {
    expect(ask({ event: '*' }, { activity: { '*': { last: 1 } } })).toEqual([true, null]);
    expect(ask({ event: 'valueOf' }, {})).toEqual([false, null]);
  });

  it('counts UTC days, today included, and changes at the midnight that tips the count', () => {
    const condition: Condition = { event: 'A', within: { days: 3 }, count: { op: 'gte', value: 3 } };
    const days = { '2026-11-21': 9, '2026-11-22': 1, '2026-11-23': 2, '2026-11-24': 1 };
    const activity = { A: { total: 13, days } };
    expect(ask(condition, { activity })).toEqual([true, MIDNIGHT + 2 * DAY_MS]);
    expect(ask(condition, { activity }, MIDNIGHT + 2 * DAY_MS - 1)).toEqual([true, MIDNIGHT + 2 * DAY_MS]);
    expect(ask(condition, { activity }, MIDNIGHT + 2 * DAY_MS)).toEqual([false, null]);
    expect(ask({ ...condition, within: { days: 1 } }, { activity })).toEqual([false, null]);
    expect(ask({ ...condition, count: { op: 'eq', value: 3 } }, { activity })).toEqual([false, MIDNIGHT + DAY_MS]);
    expect(ask({ ...condition, count: { op: 'eq', value: 4 } }, { activity })).toEqual([true, MIDNIGHT + DAY_MS]);
    expect(ask({ ...condition, count: { op: 'lt', value: 1 } }, { activity })).toEqual([false, MIDNIGHT + 3 * DAY_MS]);
    expect(ask({ ...condition, count: { op: 'lte', value: 4 } }, { activity })).toEqual([true, null]);
    expect(ask({ ...condition, count: { op: 'gt', value: 3 } }, { activity })).toEqual([true, MIDNIGHT + DAY_MS]);
    expect(ask({ ...condition, count: { op: 'eq', value: 0 } }, {})).toEqual([true, null]);
  });

  it('counts all time without a span', () => {
    const condition: Condition = { event: 'A', count: { op: 'gt', value: 12 } };
    expect(ask(condition, { activity: { A: { total: 13 } } })).toEqual([true, null]);
    expect(ask(condition, { activity: { A: { total: 12 } } })).toEqual([false, null]);
    expect(ask({ event: 'A', count: { op: 'lt', value: 1 } }, {})).toEqual([true, null]);
  });

  it('reads memberships and consents, and the end of a consent', () => {
    expect(ask({ segment: 's' }, { memberships: { s: true } })).toEqual([true, null]);
    expect(ask({ segment: 's' }, { memberships: { s: false } })).toEqual([false, null]);
    expect(ask({ segment: 'toString' }, {})).toEqual([false, null]);
    expect(ask({ consent: 'c' }, { grants: { c: { isGranted: true, expiresAt: NOON + 5 } } })).toEqual([true, NOON + 5]);
    expect(ask({ consent: 'c' }, { grants: { c: { isGranted: true, expiresAt: null } } })).toEqual([true, null]);
    expect(ask({ consent: 'c' }, { grants: { c: { isGranted: true, expiresAt: NOON } } })).toEqual([false, null]);
    expect(ask({ consent: 'c' }, {})).toEqual([false, null]);
  });

  it('waits in a group no longer than the answer can last, and no shorter than it must', () => {
    const soon: Condition = { event: 'A', within: { hours: 1 } };
    const late: Condition = { event: 'A', within: { hours: 5 } };
    const activity = { A: { last: NOON } };
    expect(ask({ all: [soon, late] }, { activity })).toEqual([true, NOON + HOUR]);
    expect(ask({ any: [soon, late] }, { activity })).toEqual([true, NOON + 5 * HOUR]);
    expect(ask({ all: [{ not: soon }, { not: late }] }, { activity })).toEqual([false, NOON + 5 * HOUR]);
    expect(ask({ any: [{ not: soon }, { not: late }] }, { activity })).toEqual([false, NOON + HOUR]);
    expect(ask({ all: [soon, { segment: 'none' }] }, { activity })).toEqual([false, null]);
    expect(ask({ any: [soon, { all: [] }] }, { activity })).toEqual([true, null]);
  });

  it('takes the event that started a run as done, where the profile has no counter for it', () => {
    const where: PropertyCondition[] = [{ path: 'order.total', op: 'gte', value: 100 }];
    const condition: Condition = { event: 'Order Completed', where, within: { hours: 1 } };
    const event = { type: 'track', name: 'Order Completed', properties: {}, context: {}, order: { total: 100 }, occurredAt: NOON - 1 } as const;
    expect(ask(condition, {})).toEqual([false, null]);
    expect(ask(condition, { event })).toEqual([true, NOON - 1 + HOUR]);
    expect(ask({ ...condition, event: '*' }, { event })).toEqual([true, NOON - 1 + HOUR]);
    expect(ask(condition, { event: { ...event, order: { total: 99 } } })).toEqual([false, null]);
    expect(ask(condition, { event: { ...event, type: 'identify' } })).toEqual([false, null]);
    expect(ask(condition, { event, activity: { [activityKey('Order Completed', where)]: { last: NOON } } })).toEqual([true, NOON + HOUR]);
  });

  it('tells what it reads, each once', () => {
    const where: PropertyCondition[] = [{ path: 'order.total', op: 'gte', value: 100 }];
    const compiled = compileCondition({
      all: [{ trait: 'city', op: 'exists' }, { not: { trait: 'city', op: 'eq', value: 'x' } }, { any: [{ segment: 's' }, { consent: 'c' }] }, { event: 'A' }, { event: 'A', within: { days: 1 } }, { event: 'A', where }],
    });
    expect(compiled).toMatchObject({
      traits: ['city'], segments: ['s'], consents: ['c'],
      activityKeys: [{ key: 'A', name: 'A', where: [] }, { key: activityKey('A', where), name: 'A', where }],
    });
  });

  it('refuses a tree that was never parsed', () => {
    const unparsed = { trait: 'a', op: 'notIn', value: 'x' } as const;
    expect(() => compileCondition(unparsed)).toThrow(expect.objectContaining({ code: 'INVALID_SEGMENT' }));
  });
});
