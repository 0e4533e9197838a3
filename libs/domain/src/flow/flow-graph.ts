import type { ErrorPlace } from '../errors/firsthand-error.js';
import type { FlowStep, NextStep } from './flow.js';

interface Link {
  to: NextStep | undefined;
  path: string;
}

/** The ways that lead on from a step, each with where it is written. */
function linksOf(step: FlowStep): Link[] {
  const branches = 'branches' in step ? step.branches.map(({ next }, index) => ({ to: next, path: `/branches/${index}/next` })) : [];
  if (step.type === 'goal' || step.type === 'exit') return [];
  if (step.type === 'branch') return [...branches, { to: step.else, path: '/else' }];
  const rest = { to: step.next, path: '/next' };
  if (step.type === 'split') return sharesOf(step) < 100 ? [...branches, rest] : branches;
  return step.type === 'waitUntil' ? [rest, { to: step.onTimeout ?? (step.onTimeout === null ? null : step.next), path: '/onTimeout' }] : [rest];
}

/** The percentages of a split together. */
export function sharesOf({ branches }: Extract<FlowStep, { type: 'split' }>): number {
  return Math.round(branches.reduce((sum, { percent }) => sum + percent, 0) * 100) / 100;
}

/**
 * What is wrong with how the steps of a flow hang together: a next step that is not there, a way that leads back (a circle would never end), a step that nothing leads to.
 *
 * @example graphPlaces(steps) // [{ path: '/steps/2', message: 'no step leads here' }]
 */
export function graphPlaces(steps: readonly FlowStep[]): ErrorPlace[] {
  const indexOf = new Map([...steps.entries()].reverse().map(([index, { id }]) => [id, index]));
  const places: ErrorPlace[] = [];
  const ways = steps.map((step, index) => linksOf(step).flatMap(({ to, path }) => {
    const target = to === undefined ? index + 1 : to === null ? null : indexOf.get(to);
    if (target === undefined) places.push({ path: `/steps/${index}${path}`, message: 'there is no such step' });
    return target === undefined || target === null || target >= steps.length ? [] : [{ target, path: `/steps/${index}${path}` }];
  }));
  const state = new Map<number, 'open' | 'done'>();
  const visit = (index: number): void => {
    state.set(index, 'open');
    for (const { target, path } of ways[index] ?? []) {
      if (state.get(target) === 'open') places.push({ path, message: 'leads back to a step before it: the run would never end' });
      else if (!state.has(target)) visit(target);
    }
    state.set(index, 'done');
  };
  visit(0);
  for (const index of steps.keys()) if (!state.has(index)) places.push({ path: `/steps/${index}`, message: 'no step leads here' });
  return places;
}
