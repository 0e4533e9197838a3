import { standsOn } from '../../profile/list-standing.js';
import type { AddToListStep, RemoveFromListStep } from '../flow.js';
import type { CompiledStep } from '../step.js';

/** Puts the person on a static list or takes them off. Where they stand so already nothing happens, and nothing follows. */
export function changeList({ type, segmentId }: AddToListStep | RemoveFromListStep): CompiledStep {
  const isListed = type === 'addToList';
  return {
    conditions: [],
    visit({ subject }) {
      if (standsOn(subject.profile, segmentId) === isListed) return { kind: 'passed', reason: isListed ? 'already-listed' : 'not-listed' };
      return { kind: 'passed', reason: isListed ? 'listed' : 'unlisted', effect: { list: segmentId, isListed } };
    },
  };
}
