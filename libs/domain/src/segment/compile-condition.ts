import type { JsonValue } from '../json.js';
import { fieldOf } from '../profile/field-of.js';
import { standsOn } from '../profile/list-standing.js';
import { compileActivity } from './compile-activity.js';
import { compileComparison } from './compile-comparison.js';
import { compileSequence } from './compile-sequence.js';
import { compileTimeTest, isMovingMoment } from './compile-time-test.js';
import type { AnswerCondition, ComparisonOperator, Condition, ReachChannel } from './condition.js';
import type { ConditionAnswer, ConditionSubject } from './condition-subject.js';
import { parseIsoDate } from './iso-date.js';
import { expandOrders } from './orders-condition.js';
import { compilePath } from './match-properties.js';
import { parseCondition } from './parse-condition.js';
import { CHANNEL_NAMESPACES } from './reach-channels.js';
import type { ActivityKey } from './tracked-activity.js';
import { ALWAYS, NEVER, type Until } from './until.js';

/** What a condition reads: when none of it changes, the answer changes by time alone. */
export interface ConditionReads {
  readonly activityKeys: readonly ActivityKey[];
  readonly traits: readonly string[];
  readonly segments: readonly string[];
  /** Static lists, by the ids of their segments. */
  readonly lists: readonly string[];
  /** Purposes, those of `reachable` included. */
  readonly consents: readonly string[];
  /** Identity namespaces. */
  readonly namespaces: readonly string[];
}

/** A condition that has been compiled once, and what it reads. */
export interface CompiledCondition extends ConditionReads {
  /** What it was compiled from. */
  readonly tree: Condition;
  evaluate(subject: ConditionSubject, now: number): ConditionAnswer;
}

type Evaluator = (subject: ConditionSubject, now: number) => Until;

interface Reads {
  activityKeys: Map<string, ActivityKey>;
  traits: Set<string>;
  segments: Set<string>;
  lists: Set<string>;
  consents: Set<string>;
  namespaces: Set<string>;
}

/**
 * Compiles a condition tree to closures. `evaluate` is pure and exact to the millisecond:
 * - an event or a sequence `within` a span counts while `time > now - span`;
 * - a count or sum `within` N days takes the UTC days from today back to N - 1 days ago;
 * - a time is `before { ago }` while `time < now - span`, `after { ago }` while `time > now - span`; `ahead` likewise with `now + span`.
 *
 * @throws FirsthandError INVALID_SEGMENT if the tree is not valid
 * @example compileCondition({ event: 'Order Completed', within: { days: 30 } }).evaluate(subject, now)
 */
export function compileCondition(condition: Condition): CompiledCondition {
  const reads: Reads = { activityKeys: new Map(), traits: new Set(), segments: new Set(), lists: new Set(), consents: new Set(), namespaces: new Set() };
  const root = compileNode(parseCondition(condition), reads);
  return {
    tree: condition,
    evaluate(subject, now) {
      const until = root(subject, now);
      return { isMember: until > 0, nextChangeAt: until === ALWAYS || until === NEVER ? null : Math.abs(until) };
    },
    activityKeys: [...reads.activityKeys.values()],
    traits: [...reads.traits],
    segments: [...reads.segments],
    lists: [...reads.lists],
    consents: [...reads.consents],
    namespaces: [...reads.namespaces],
  };
}

function compileNode(condition: Condition, reads: Reads): Evaluator {
  if ('all' in condition) return compileAll(condition.all.map((child) => compileNode(child, reads)));
  if ('any' in condition) return compileAny(condition.any.map((child) => compileNode(child, reads)));
  if ('not' in condition) {
    const child = compileNode(condition.not, reads);
    return (subject, now) => -child(subject, now);
  }
  return compileLeaf(condition, reads);
}

function compileLeaf(condition: Exclude<Condition, { all: unknown } | { any: unknown } | { not: unknown }>, reads: Reads): Evaluator {
  if ('trait' in condition) {
    reads.traits.add(condition.trait);
    return compileTrait(condition);
  }
  if ('event' in condition) {
    const { key, evaluate } = compileActivity(condition);
    reads.activityKeys.set(key.key, key);
    return evaluate;
  }
  if ('sequence' in condition) {
    const { keys, evaluate } = compileSequence(condition);
    for (const key of keys) reads.activityKeys.set(key.key, key);
    return evaluate;
  }
  if ('orders' in condition) return compileNode(expandOrders(condition), reads);
  if ('segment' in condition) {
    reads.segments.add(condition.segment);
    return compileMembership(condition.segment);
  }
  if ('list' in condition) {
    reads.lists.add(condition.list);
    return ({ profile }) => (standsOn(profile, condition.list) ? ALWAYS : NEVER);
  }
  if ('reachable' in condition) {
    for (const namespace of CHANNEL_NAMESPACES[condition.reachable]) reads.namespaces.add(namespace);
    reads.consents.add(condition.purpose);
    return compileAll([compileIdentity(condition.reachable), compileConsent(condition.purpose)]);
  }
  if ('answer' in condition) return compileAnswer(condition);
  reads.consents.add(condition.consent);
  return compileConsent(condition.consent);
}

function compileAll(children: readonly Evaluator[]): Evaluator {
  return (subject, now) => {
    let until = ALWAYS;
    for (const child of children) {
      const next = child(subject, now);
      if (next < until) until = next;
      if (until === NEVER) break;
    }
    return until;
  };
}

function compileAny(children: readonly Evaluator[]): Evaluator {
  return (subject, now) => {
    let until = NEVER;
    for (const child of children) {
      const next = child(subject, now);
      if (next > until) until = next;
      if (until === ALWAYS) break;
    }
    return until;
  };
}

function compileTrait({ trait, op, value }: { trait: string; op: ComparisonOperator; value?: JsonValue }): Evaluator {
  if (isMovingMoment(value)) {
    const untilOf = anyDate(compileTimeTest({ op: op === 'before' ? 'before' : 'after', value }));
    return ({ profile }, now) => untilOf(fieldOf(profile, trait)?.value, now);
  }
  const { holds, isNegated } = compileComparison(op, value);
  return ({ profile }) => (holds(fieldOf(profile, trait)?.value) !== isNegated ? ALWAYS : NEVER);
}

/** A value that is no ISO date never holds; of a list any element may. */
function anyDate(test: (at: number, now: number) => Until): (value: JsonValue | undefined, now: number) => Until {
  const untilOf = (value: JsonValue | undefined, now: number): Until => {
    if (Array.isArray(value)) return value.reduce<Until>((until, element) => Math.max(until, untilOf(element, now)), NEVER);
    const at = typeof value === 'string' ? parseIsoDate(value) : NaN;
    return Number.isNaN(at) ? NEVER : test(at, now);
  };
  return untilOf;
}

function compileAnswer({ answer, path, ...comparison }: AnswerCondition): Evaluator {
  const holds = compilePath({ ...comparison, keys: path.split('.') });
  return ({ answers = {} }) => (holds(Object.hasOwn(answers, answer) ? answers[answer] : undefined) ? ALWAYS : NEVER);
}

function compileMembership(segmentId: string): Evaluator {
  return ({ profile: { memberships } }) => (Object.hasOwn(memberships, segmentId) && memberships[segmentId]?.isMember === true ? ALWAYS : NEVER);
}

function compileIdentity(channel: ReachChannel): Evaluator {
  const namespaces = new Set(CHANNEL_NAMESPACES[channel]);
  return ({ profile: { identities = [] } }) => (identities.some(({ namespace }) => namespaces.has(namespace)) ? ALWAYS : NEVER);
}

function compileConsent(purpose: string): Evaluator {
  return (subject, now) => {
    const { isGranted, expiresAt } = subject.isConsented(purpose, now);
    const until = expiresAt ?? ALWAYS;
    if (isGranted) return until > now ? until : NEVER;
    // A decision that takes effect later: a clock that runs ahead has written it.
    return until > now ? -until : NEVER;
  };
}
