import fc from 'fast-check';
import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { bumpActivity } from '../profile/fold-activity.js';
import type { Activity } from '../profile/profile.js';
import { DAY_MS, utcDay } from '../profile/utc-day.js';
import { compileCondition } from './compile-condition.js';
import { CHANNEL_NAMESPACES } from './reach-channels.js';
import type { ConditionSubject } from './condition-subject.js';
import type { Condition, Span, TimeTest } from './condition.js';
import { spanMs } from './span.js';
import { activityKeysOf, compileTracked } from './tracked-activity.js';

/** Everything about one person as plain facts, from which the reference below answers without any counter or index. */
interface Facts {
  events: { name: string; at: number; amount: number }[];
  traits: Record<string, number>;
  memberships: Record<string, boolean>;
  lists: string[];
  expiries: Record<string, number | null>;
  /** When the consent to c2 takes effect. */
  grantedAt: number | null;
  namespaces: string[];
}

const START = Date.UTC(2026, 10, 24);
const NAMES = ['A', 'Order Completed'];
const HORIZON = 6 * DAY_MS;

/** Half the times lie on or beside a boundary of hours or days, where mistakes live. */
const time = fc.oneof(
  fc.integer({ min: START - HORIZON, max: START }),
  fc.tuple(fc.integer({ min: 0, max: HORIZON / 3_600_000 }), fc.integer({ min: -1, max: 1 })).map(([hours, edge]) => START - hours * 3_600_000 + edge),
);
const span = fc.oneof(
  fc.record({ days: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ hours: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ minutes: fc.integer({ min: 1, max: 3_000 }) }),
  fc.record({ seconds: fc.integer({ min: 1, max: 100_000 }) }),
);
const count = fc.record({ op: fc.constantFrom('eq' as const, 'gte' as const, 'gt' as const, 'lte' as const, 'lt' as const), value: fc.integer({ min: 0, max: 5 }) });
const days = fc.record({ days: fc.integer({ min: 1, max: 5 }) });
const sum = fc.record({ path: fc.constant('properties.amount'), op: count.map(({ op }) => op), value: fc.constantFrom(-1.1, 0, 0.1, 0.3, 2.5) });
const timeTest: fc.Arbitrary<TimeTest> = fc.record({
  op: fc.constantFrom('before' as const, 'after' as const),
  value: fc.oneof(fc.record({ ago: span }), fc.record({ ahead: span }), time.map((at) => new Date(at).toISOString())),
});
const single: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ event: fc.constantFrom(...NAMES, '*'), within: days, sum }),
  fc.record({ event: fc.constantFrom(...NAMES, '*'), sum }),
  fc.record({ event: fc.constantFrom(...NAMES, '*', 'Never'), first: timeTest }),
  fc.record({ event: fc.constantFrom(...NAMES, '*', 'Never'), last: timeTest }),
  fc.record({ sequence: fc.array(fc.record({ event: fc.constantFrom(...NAMES, '*') }), { minLength: 2, maxLength: 4 }), within: span }),
  fc.record({ sequence: fc.array(fc.record({ event: fc.constantFrom(...NAMES, '*') }), { minLength: 2, maxLength: 4 }) }),
  fc.record({ reachable: fc.constantFrom('email' as const, 'device' as const), purpose: fc.constantFrom('c1', 'c2') }),
  fc.record({ trait: fc.constantFrom('seen', 'born', 'absent'), op: fc.constantFrom('before' as const, 'after' as const), value: fc.record({ ahead: span }) }),
  fc.record({ event: fc.constantFrom(...NAMES, '*', 'Never'), within: span }),
  fc.record({ event: fc.constantFrom(...NAMES, '*'), within: fc.record({ days: fc.integer({ min: 1, max: 5 }) }), count }),
  fc.record({ event: fc.constantFrom(...NAMES, '*'), count }),
  fc.record({ trait: fc.constantFrom('seen', 'born', 'absent'), op: fc.constantFrom('before' as const, 'after' as const), value: fc.record({ ago: span }) }),
  fc.record({ segment: fc.constantFrom('s1', 's2') }),
  fc.record({ list: fc.constantFrom('l1', 'l2') }),
  fc.record({ consent: fc.constantFrom('c1', 'c2') }),
);
/** Several tests in one: like a group, what it says of the next change may be early. */
const orders: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ orders: fc.record({ within: days, count, amount: fc.record({ op: count.map(({ op }) => op), value: fc.integer({ min: 0, max: 3 }), currency: fc.constantFrom('CNY', 'USD') }) }) }),
  fc.record({ orders: fc.record({ first: timeTest, last: timeTest }) }),
);
const leaf = fc.oneof({ weight: 6, arbitrary: single }, { weight: 1, arbitrary: orders });
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
}));
const facts: fc.Arbitrary<Facts> = fc.record({
  events: fc.array(fc.record({ name: fc.constantFrom(...NAMES), at: time, amount: fc.constantFrom(-1.2, 0.1, 0.2, 1, 2) }), { maxLength: 12 }),
  traits: fc.record({ seen: time, born: time }),
  memberships: fc.record({ s1: fc.boolean() }),
  lists: fc.subarray(['l1']),
  expiries: fc.record({ c1: fc.option(time.map((at) => at + 5 * DAY_MS)) }),
  grantedAt: fc.option(time.map((at) => at + 3 * DAY_MS)),
  namespaces: fc.subarray(['email', 'anonymousId', 'gaid']),
});

function recordOf({ name, at, amount }: Facts['events'][number]): CanonicalRecord {
  const order = { total: { amountMinor: Math.round(amount), currency: amount < 1 ? 'CNY' : 'USD' } };
  return { type: 'track', name, messageId: 'm', occurredAt: at, identities: [], profile: {}, properties: { amount }, order, consents: {}, context: {}, flags: [] };
}

function subjectOf(tree: Condition, { events, traits, memberships, lists, expiries, grantedAt, namespaces }: Facts, now: number): ConditionSubject {
  const activity: Record<string, Activity> = {};
  const tracked = compileTracked(compileCondition(tree).activityKeys);
  for (const event of events) bumpActivity(activity, activityKeysOf(recordOf(event), tracked), event.at, now);
  return {
    profile: {
      activity,
      fields: Object.fromEntries(Object.entries(traits).map(([name, at]) => [name, { value: new Date(at).toISOString(), at: 0, source: 's', origin: 'o', version: 1 }])),
      memberships: Object.fromEntries(Object.entries(memberships).map(([id, isMember]) => [id, { n: 1, isMember, at: 0, segmentVersion: 1 }])),
      lists: lists.map((segmentId) => ({ segmentId, at: 0, origin: 'upload' })),
      identities: namespaces.map((namespace) => ({ namespace, value: '1' })),
    },
    isConsented: (purpose, at) => {
      if (purpose === 'c2') return { isGranted: grantedAt !== null && grantedAt <= at, expiresAt: grantedAt !== null && grantedAt > at ? grantedAt : null };
      const expiresAt = expiries[purpose];
      return { isGranted: expiresAt !== undefined && (expiresAt === null || at < expiresAt), expiresAt };
    },
  };
}

function isConsented(purpose: string, { expiries, grantedAt }: Facts, now: number): boolean {
  return purpose === 'c2' ? grantedAt !== null && grantedAt <= now : purpose in expiries && (expiries[purpose] ?? Infinity) > now;
}

function testTime({ op, value }: TimeTest, at: number, now: number): boolean {
  const limit = typeof value === 'string' ? Date.parse(value) : 'ago' in value ? now - spanMs(value.ago) : now + spanMs(value.ahead);
  return op === 'before' ? at < limit : at > limit;
}

function testNumber(op: string, found: number, value: number): boolean | undefined {
  return { eq: found === value, gte: found >= value, gt: found > value, lte: found <= value, lt: found < value }[op];
}

/** Whether some choice of events goes through the steps in order, tried one by one. */
function hasSequence(names: readonly string[], events: Facts['events'], after: number): boolean {
  const [name, ...rest] = names;
  return name === undefined || events.some((event) => event.at > after && (name === '*' || event.name === name) && hasSequence(rest, events, event.at));
}

/** The meaning of a condition, said as plainly as possible. */
function holds(tree: Condition, known: Facts, now: number): boolean {
  if ('all' in tree) return tree.all.every((child) => holds(child, known, now));
  if ('any' in tree) return tree.any.some((child) => holds(child, known, now));
  if ('not' in tree) return !holds(tree.not, known, now);
  if ('segment' in tree) return known.memberships[tree.segment] === true;
  if ('list' in tree) return known.lists.includes(tree.list);
  if ('consent' in tree) return isConsented(tree.consent, known, now);
  if ('reachable' in tree) return known.namespaces.some((namespace) => CHANNEL_NAMESPACES[tree.reachable].includes(namespace)) && isConsented(tree.purpose, known, now);
  if ('trait' in tree) {
    const at = known.traits[tree.trait];
    return at !== undefined && testTime({ op: tree.op, value: tree.value } as unknown as TimeTest, at, now);
  }
  if ('sequence' in tree) return hasSequence(tree.sequence.map(({ event }) => event), known.events, tree.within === undefined ? -Infinity : now - spanMs(tree.within));
  if ('orders' in tree) {
    const { within, count: orders, amount, first, last } = tree.orders;
    const bought: Condition = { all: [
      ...(orders === undefined ? [] : [{ event: 'Order Completed', count: orders, ...(within === undefined ? {} : { within }) }]),
      ...(first === undefined ? [] : [{ event: 'Order Completed', first }]), ...(last === undefined ? [] : [{ event: 'Order Completed', last }]),
    ] };
    const inCurrency = daysOf(known.events.filter(({ name, amount: paid }) => name === 'Order Completed' && (paid < 1 ? 'CNY' : 'USD') === amount?.currency), within, now);
    return holds(bought, known, now) && (amount === undefined || testNumber(amount.op, inCurrency.reduce((all, event) => all + Math.round(event.amount), 0), amount.value) === true);
  }
  if ('answer' in tree) return false;
  const mine = known.events.filter(({ name }) => tree.event === '*' || name === tree.event);
  const times = mine.map(({ at }) => at);
  if (tree.first !== undefined) return mine.length > 0 && testTime(tree.first, Math.min(...times), now);
  if (tree.last !== undefined) return mine.length > 0 && testTime(tree.last, Math.max(...times), now);
  const found = daysOf(mine, tree.within, now);
  if (tree.sum !== undefined) return testNumber(tree.sum.op, Math.round(found.reduce((all, { amount }) => all + amount, 0) * 10) / 10, tree.sum.value) === true;
  if (tree.count !== undefined) return testNumber(tree.count.op, found.length, tree.count.value) === true;
  return times.some((at) => at > now - spanMs(tree.within ?? { days: 1_000 }));
}

/** The events of the last UTC days. */
function daysOf(events: Facts['events'], within: Span | undefined, now: number): Facts['events'] {
  const window = within && Array.from({ length: spanMs(within) / DAY_MS }, (_, back) => utcDay(now - back * DAY_MS));
  return events.filter(({ at }) => window?.includes(utcDay(at)) ?? true);
}

describe('compileCondition', () => {
  it('answers as the plain meaning does, and the answer lasts until nextChangeAt', () => {
    let changes = 0;
    const sinceStart = fc.integer({ min: 1, max: DAY_MS });
    const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 8 });
    const property = fc.property(condition, facts, sinceStart, fractions, (tree, known, later, parts) => {
      const now = START + later;
      const subject = subjectOf(tree, known, now);
      const { evaluate } = compileCondition(tree);
      const { isMember, nextChangeAt } = evaluate(subject, now);
      if (nextChangeAt !== null) changes += 1;
      const end = nextChangeAt ?? now + 20 * DAY_MS;
      const midnights = Array.from({ length: 8 }, (_, day) => Math.ceil(now / DAY_MS) * DAY_MS + day * DAY_MS);
      const between = parts.map((part) => now + Math.floor(part * (end - now)));
      const steady = [now, now + 1, end - 1, ...between, ...midnights, ...midnights.map((midnight) => midnight - 1)].filter((t) => t >= now && t < end);
      const wrong = [
        ...steady.filter((t) => evaluate(subject, t).isMember !== isMember || holds(tree, known, t) !== isMember),
        ...[end, end + 1].filter((t) => evaluate(subject, t).isMember !== holds(tree, known, t)),
      ];
      return end > now && wrong.length === 0;
    });
    fc.assert(property, { numRuns: 1_500 });
    expect(changes).toBeGreaterThan(50);
  });

  it('changes a single condition exactly at nextChangeAt, neither early nor late', () => {
    let changes = 0;
    fc.assert(
      fc.property(single, facts, fc.boolean(), (tree, known, isNegated) => {
        const now = START + 1;
        const subject = subjectOf(tree, known, now);
        const { evaluate } = compileCondition(isNegated ? { not: tree } : tree);
        const { isMember, nextChangeAt } = evaluate(subject, now);
        if (nextChangeAt === null) return true;
        changes += 1;
        return evaluate(subject, nextChangeAt - 1).isMember === isMember && evaluate(subject, nextChangeAt).isMember !== isMember;
      }),
      { numRuns: 1_500 },
    );
    expect(changes).toBeGreaterThan(100);
  });
});
