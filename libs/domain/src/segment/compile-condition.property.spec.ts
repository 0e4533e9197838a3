import fc from 'fast-check';
import { bumpActivity } from '../profile/fold-activity.js';
import type { Activity } from '../profile/profile.js';
import { DAY_MS, utcDay } from '../profile/utc-day.js';
import { compileCondition } from './compile-condition.js';
import type { ConditionSubject } from './condition-subject.js';
import type { Condition } from './condition.js';
import { spanMs } from './span.js';

/** Everything about one person as plain facts, from which the reference below answers without any counter or index. */
interface Facts {
  events: { name: string; at: number }[];
  traits: Record<string, number>;
  memberships: Record<string, boolean>;
  expiries: Record<string, number | null>;
}

const START = Date.UTC(2026, 10, 24);
const NAMES = ['A', 'B'];
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
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ event: fc.constantFrom(...NAMES, '*', 'Never'), within: span }),
  fc.record({ event: fc.constantFrom(...NAMES, '*'), within: fc.record({ days: fc.integer({ min: 1, max: 5 }) }), count }),
  fc.record({ event: fc.constantFrom(...NAMES, '*'), count }),
  fc.record({ trait: fc.constantFrom('seen', 'born', 'absent'), op: fc.constantFrom('before' as const, 'after' as const), value: fc.record({ ago: span }) }),
  fc.record({ segment: fc.constantFrom('s1', 's2') }),
  fc.record({ consent: fc.constantFrom('c1', 'c2') }),
);
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
  events: fc.array(fc.record({ name: fc.constantFrom(...NAMES), at: time }), { maxLength: 12 }),
  traits: fc.record({ seen: time, born: time }),
  memberships: fc.record({ s1: fc.boolean() }),
  expiries: fc.record({ c1: fc.option(time.map((at) => at + 5 * DAY_MS)) }),
});

function subjectOf({ events, traits, memberships, expiries }: Facts, now: number): ConditionSubject {
  const activity: Record<string, Activity> = {};
  for (const { name, at } of events) bumpActivity(activity, [name, '*'], at, now);
  return {
    profile: {
      activity,
      fields: Object.fromEntries(Object.entries(traits).map(([name, at]) => [name, { value: new Date(at).toISOString(), at: 0, source: 's', origin: 'o', version: 1 }])),
      memberships: Object.fromEntries(Object.entries(memberships).map(([id, isMember]) => [id, { n: 1, isMember, at: 0, segmentVersion: 1 }])),
    },
    isConsented: (purpose, at) => {
      const expiresAt = expiries[purpose];
      return { isGranted: expiresAt !== undefined && (expiresAt === null || at < expiresAt), expiresAt };
    },
  };
}

/** The meaning of a condition, said as plainly as possible. */
function holds(tree: Condition, known: Facts, now: number): boolean {
  if ('all' in tree) return tree.all.every((child) => holds(child, known, now));
  if ('any' in tree) return tree.any.some((child) => holds(child, known, now));
  if ('not' in tree) return !holds(tree.not, known, now);
  if ('segment' in tree) return known.memberships[tree.segment] === true;
  if ('consent' in tree) return tree.consent in known.expiries && (known.expiries[tree.consent] ?? Infinity) > now;
  if ('trait' in tree) {
    const at = known.traits[tree.trait];
    const limit = now - spanMs((tree.value as unknown as { ago: { days: number } }).ago);
    return at !== undefined && (tree.op === 'before' ? at < limit : at > limit);
  }
  const mine = known.events.filter(({ name }) => tree.event === '*' || name === tree.event);
  if (tree.count === undefined) return mine.some(({ at }) => at > now - spanMs(tree.within ?? { days: 1_000 }));
  const { within } = tree;
  const window = within && Array.from({ length: spanMs(within) / DAY_MS }, (_, back) => utcDay(now - back * DAY_MS));
  const found = mine.filter(({ at }) => window?.includes(utcDay(at)) ?? true).length;
  const { op, value } = tree.count;
  return { eq: found === value, gte: found >= value, gt: found > value, lte: found <= value, lt: found < value }[op];
}

describe('compileCondition', () => {
  it('answers as the plain meaning does, and the answer lasts until nextChangeAt', () => {
    let changes = 0;
    const sinceStart = fc.integer({ min: 1, max: DAY_MS });
    const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 8 });
    const property = fc.property(condition, facts, sinceStart, fractions, (tree, known, later, parts) => {
      const now = START + later;
      const subject = subjectOf(known, now);
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
    expect(changes).toBeGreaterThan(100);
  });

  it('changes a single condition exactly at nextChangeAt, neither early nor late', () => {
    let changes = 0;
    fc.assert(
      fc.property(leaf, facts, fc.boolean(), (tree, known, isNegated) => {
        const now = START + 1;
        const subject = subjectOf(known, now);
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
