import type { JsonValue } from '../json.js';
import { fieldOf } from '../profile/field-of.js';
import { compileActivity } from './compile-activity.js';
import { compileComparison } from './compile-comparison.js';
import type { ComparisonOperator, Condition, Span } from './condition.js';
import type { ConditionAnswer, ConditionSubject } from './condition-subject.js';
import { parseIsoDate } from './iso-date.js';
import { parseCondition } from './parse-condition.js';
import { spanMs } from './span.js';
import type { ActivityKey } from './tracked-activity.js';
import { ALWAYS, NEVER, type Until } from './until.js';

/** A condition that has been compiled once, and what it reads. */
export interface CompiledCondition {
  evaluate(subject: ConditionSubject, now: number): ConditionAnswer;
  readonly activityKeys: readonly ActivityKey[];
  readonly traits: readonly string[];
  readonly segments: readonly string[];
  readonly consents: readonly string[];
}

type Evaluator = (subject: ConditionSubject, now: number) => Until;

interface Reads {
  activityKeys: Map<string, ActivityKey>;
  traits: Set<string>;
  segments: Set<string>;
  consents: Set<string>;
}

/**
 * Compiles a condition tree to closures. `evaluate` is pure and exact to the millisecond:
 * - an event `within` a span counts while `last > now - span`;
 * - a count `within` N days takes the UTC days from today back to N - 1 days ago;
 * - a trait is `before { ago }` while `value < now - span`, `after { ago }` while `value > now - span`.
 *
 * @throws FirsthandError INVALID_SEGMENT if the tree is not valid
 * @example compileCondition({ event: 'Order Completed', within: { days: 30 } }).evaluate(subject, now)
 */
export function compileCondition(condition: Condition): CompiledCondition {
  const reads: Reads = { activityKeys: new Map(), traits: new Set(), segments: new Set(), consents: new Set() };
  const root = compileNode(parseCondition(condition), reads);
  return {
    evaluate(subject, now) {
      const until = root(subject, now);
      return { isMember: until > 0, nextChangeAt: until === ALWAYS || until === NEVER ? null : Math.abs(until) };
    },
    activityKeys: [...reads.activityKeys.values()],
    traits: [...reads.traits],
    segments: [...reads.segments],
    consents: [...reads.consents],
  };
}

function compileNode(condition: Condition, reads: Reads): Evaluator {
  if ('all' in condition) return compileAll(condition.all.map((child) => compileNode(child, reads)));
  if ('any' in condition) return compileAny(condition.any.map((child) => compileNode(child, reads)));
  if ('not' in condition) {
    const child = compileNode(condition.not, reads);
    return (subject, now) => -child(subject, now);
  }
  if ('trait' in condition) {
    reads.traits.add(condition.trait);
    return compileTrait(condition);
  }
  if ('event' in condition) {
    const { key, evaluate } = compileActivity(condition);
    reads.activityKeys.set(key.key, key);
    return evaluate;
  }
  if ('segment' in condition) {
    reads.segments.add(condition.segment);
    return compileMembership(condition.segment);
  }
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
  if (typeof value === 'object' && value !== null && 'ago' in value) {
    const untilOf = compileAgo(op === 'before', spanMs(value.ago as unknown as Span));
    return ({ profile }, now) => untilOf(fieldOf(profile, trait)?.value, now);
  }
  const { holds, isNegated } = compileComparison(op, value);
  return ({ profile }) => (holds(fieldOf(profile, trait)?.value) !== isNegated ? ALWAYS : NEVER);
}

/** A value grows older only: `before` begins to hold a millisecond after its span is over, `after` ends exactly when it is. */
function compileAgo(isBefore: boolean, span: number): (value: JsonValue | undefined, now: number) => Until {
  const untilOf = (value: JsonValue | undefined, now: number): Until => {
    if (Array.isArray(value)) return value.reduce<Until>((until, element) => Math.max(until, untilOf(element, now)), NEVER);
    const at = typeof value === 'string' ? parseIsoDate(value) : NaN;
    if (Number.isNaN(at)) return NEVER;
    if (isBefore) return at < now - span ? ALWAYS : -(at + span + 1);
    return at > now - span ? at + span : NEVER;
  };
  return untilOf;
}

function compileMembership(segmentId: string): Evaluator {
  return ({ profile: { memberships } }) => (Object.hasOwn(memberships, segmentId) && memberships[segmentId]?.isMember === true ? ALWAYS : NEVER);
}

function compileConsent(purpose: string): Evaluator {
  return (subject, now) => {
    const { isGranted, expiresAt } = subject.isConsented(purpose, now);
    const until = expiresAt ?? ALWAYS;
    return isGranted && until > now ? until : NEVER;
  };
}
