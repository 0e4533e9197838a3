import type { CompiledCondition } from '../segment/compile-condition.js';
import type { ConditionSubject } from '../segment/condition-subject.js';
import type { ActivityKey } from '../segment/tracked-activity.js';
import type { FlowDefinition } from './flow.js';
import type { AwaitedNames, StepOutcome, StepVisit } from './step.js';
import { compileAwaited, type KeyOf } from './steps/awaited.js';

/** What ends a run wherever it stands, compiled. */
export interface CompiledEnds {
  readonly conditions: readonly CompiledCondition[];
  readonly activityKeys: readonly ActivityKey[];
  readonly awaits: readonly AwaitedNames[];
  /** Whether a condition of it holds for somebody: then nobody need come in. */
  holdsFor(subject: ConditionSubject, now: number): boolean;
  /** How the run ends now; null where it goes on, until `nextChangeAt` at least if nothing happens. */
  ask(visit: StepVisit): { end: Extract<StepOutcome, { kind: 'ended' }> | null; nextChangeAt: number | null };
}

/** The goal comes before the exit: who reaches it has not left. Both count what happens after the run has begun. */
export function compileEnds({ goal, exit }: Pick<FlowDefinition, 'goal' | 'exit'>, keyOf: KeyOf): CompiledEnds {
  const ends = [
    ...(goal === undefined ? [] : [{ awaited: compileAwaited(goal, keyOf), end: { kind: 'ended', as: 'goal', reason: 'goal-reached' } as const }]),
    ...(exit === undefined ? [] : [{ awaited: compileAwaited(exit, keyOf), end: { kind: 'ended', as: 'exited', reason: 'exit-met' } as const }]),
  ];
  const conditions = ends.flatMap(({ awaited }) => awaited.conditions);
  return {
    conditions,
    activityKeys: ends.flatMap(({ awaited }) => awaited.activityKeys),
    awaits: ends.map(({ awaited }) => awaited.awaits),
    holdsFor: (subject, now) => conditions.some((condition) => condition.evaluate(subject, now).isMember),
    ask(visit) {
      let nextChangeAt: number | null = null;
      for (const { awaited, end } of ends) {
        const answer = awaited.ask(visit, visit.run.startedAt);
        if (answer.metBy !== null) return { end, nextChangeAt: null };
        if (answer.nextChangeAt !== null) nextChangeAt = Math.min(nextChangeAt ?? Infinity, answer.nextChangeAt);
      }
      return { end: null, nextChangeAt };
    },
  };
}
