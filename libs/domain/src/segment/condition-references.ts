import type { ErrorPlace } from '../errors/firsthand-error.js';
import type { ScalarType } from '../canonical/field-types.js';
import type { Condition } from './condition.js';
import { typeMismatch } from './type-operators.js';

/** What a condition may refer to in its workspace. */
export interface ConditionEnvironment {
  hasPurpose(key: string): boolean;
  hasSegment(segmentId: string): boolean;
  /** Whether there is a static list, published or not, of this segment id. Without it there is none. */
  hasList?(segmentId: string): boolean;
  /** Whether the dictionary has a profile field of this canonical name. */
  hasTrait(name: string): boolean;
  /** In a flow: whether a call step of this id gives an answer. */
  hasAnswer?(stepId: string): boolean;
  /** The type of a profile field, where it has one of its own: what makes no sense for it is refused. */
  traitType?(name: string): ScalarType | undefined;
}

/**
 * The places of a valid condition that name a segment, list, purpose or trait which does not exist, or compare a trait as its type never holds, each
 * below `path`. Such a leaf would quietly never hold.
 *
 * @example conditionReferences({ segment: 'gone' }, environment) // [{ path: '/segment', message: 'there is no such segment' }]
 */
export function conditionReferences(condition: Condition, environment: ConditionEnvironment, path = ''): ErrorPlace[] {
  if ('all' in condition) return condition.all.flatMap((child, index) => conditionReferences(child, environment, `${path}/all/${index}`));
  if ('any' in condition) return condition.any.flatMap((child, index) => conditionReferences(child, environment, `${path}/any/${index}`));
  if ('not' in condition) return conditionReferences(condition.not, environment, `${path}/not`);
  if ('segment' in condition) return environment.hasSegment(condition.segment) ? [] : [{ path: `${path}/segment`, message: 'there is no such segment' }];
  if ('list' in condition) return environment.hasList?.(condition.list) === true ? [] : [{ path: `${path}/list`, message: 'there is no such static list' }];
  if ('consent' in condition) return environment.hasPurpose(condition.consent) ? [] : [{ path: `${path}/consent`, message: 'there is no such purpose' }];
  if ('reachable' in condition) return environment.hasPurpose(condition.purpose) ? [] : [{ path: `${path}/purpose`, message: 'there is no such purpose' }];
  if ('answer' in condition) return environment.hasAnswer?.(condition.answer) === true ? [] : [{ path: `${path}/answer`, message: 'there is no such call step: only a flow has answers' }];
  return 'trait' in condition ? traitPlaces(condition, environment, path) : [];
}

function traitPlaces({ trait, op, value }: Extract<Condition, { trait: string }>, environment: ConditionEnvironment, path: string): ErrorPlace[] {
  if (!environment.hasTrait(trait)) return [{ path: `${path}/trait`, message: 'the dictionary has no such profile field' }];
  const type = environment.traitType?.(trait);
  const mismatch = type === undefined ? null : typeMismatch(type, op, value);
  return mismatch === null ? [] : [{ path: `${path}/${mismatch.key}`, message: mismatch.message }];
}
