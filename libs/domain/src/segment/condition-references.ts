import type { ErrorPlace } from '../errors/firsthand-error.js';
import type { ScalarType } from '../canonical/field-types.js';
import type { Condition, PropertyCondition } from './condition.js';
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
  /** Why nothing can lie at a path of an event, e.g. `order.totl`; null where something can. Not asked where it is left out. */
  fieldMistake?(path: string): string | null;
  /** What makes the name of an event doubtful, null where it is known. Not asked where it is left out. */
  eventDoubt?(name: string): string | null;
}

/**
 * The places of a valid condition that name a segment, list, purpose, trait or path of an event which does not exist, or compare a trait as its type never holds,
 * each below `path`. Such a leaf would quietly never hold.
 *
 * @example conditionReferences({ segment: 'gone' }, environment) // [{ path: '/segment', message: 'there is no such segment' }]
 */
export function conditionReferences(condition: Condition, environment: ConditionEnvironment, path = ''): ErrorPlace[] {
  return leavesOf(condition, path).flatMap((leaf) => leafPlaces(leaf.condition, environment, leaf.path));
}

/**
 * The places of a valid condition that name an event of which nobody knows, each below `path`. That is no mistake, for events may have any name.
 *
 * @example conditionDoubts({ event: 'Ordr Completed' }, environment) // [{ path: '/event', message: 'is no event of …: use `Order Completed`' }]
 */
export function conditionDoubts(condition: Condition, environment: Pick<ConditionEnvironment, 'eventDoubt'>, path = ''): ErrorPlace[] {
  return leavesOf(condition, path).flatMap((leaf) => eventsOf(leaf.condition).flatMap(({ event, at }) => placeOf(environment.eventDoubt?.(event), `${leaf.path}${at}/event`)));
}

/**
 * The places of property conditions whose path nothing can lie at, each below `path`.
 *
 * @example wherePlaces([{ path: 'order.totl', op: 'exists' }], environment, '/trigger/where')[0]?.path // '/trigger/where/0/path'
 */
export function wherePlaces(where: readonly PropertyCondition[] | undefined, environment: Pick<ConditionEnvironment, 'fieldMistake'>, path: string): ErrorPlace[] {
  return (where ?? []).flatMap((property, index) => placeOf(environment.fieldMistake?.(property.path), `${path}/${index}/path`));
}

function leavesOf(condition: Condition, path: string): { condition: Condition; path: string }[] {
  if ('all' in condition) return condition.all.flatMap((child, index) => leavesOf(child, `${path}/all/${index}`));
  if ('any' in condition) return condition.any.flatMap((child, index) => leavesOf(child, `${path}/any/${index}`));
  return 'not' in condition ? leavesOf(condition.not, `${path}/not`) : [{ condition, path }];
}

function eventsOf(condition: Condition): { event: string; where?: PropertyCondition[]; at: string }[] {
  if ('event' in condition) return [{ ...condition, at: '' }];
  return 'sequence' in condition ? condition.sequence.map((one, index) => ({ ...one, at: `/sequence/${index}` })) : [];
}

function leafPlaces(condition: Condition, environment: ConditionEnvironment, path: string): ErrorPlace[] {
  if ('segment' in condition) return environment.hasSegment(condition.segment) ? [] : [{ path: `${path}/segment`, message: 'there is no such segment' }];
  if ('list' in condition) return environment.hasList?.(condition.list) === true ? [] : [{ path: `${path}/list`, message: 'there is no such static list' }];
  if ('consent' in condition) return environment.hasPurpose(condition.consent) ? [] : [{ path: `${path}/consent`, message: 'there is no such purpose' }];
  if ('reachable' in condition) return environment.hasPurpose(condition.purpose) ? [] : [{ path: `${path}/purpose`, message: 'there is no such purpose' }];
  if ('answer' in condition) return environment.hasAnswer?.(condition.answer) === true ? [] : [{ path: `${path}/answer`, message: 'there is no such call step: only a flow has answers' }];
  if ('trait' in condition) return traitPlaces(condition, environment, path);
  const ofSum = 'event' in condition && condition.sum !== undefined ? placeOf(environment.fieldMistake?.(condition.sum.path), `${path}/sum/path`) : [];
  return [...eventsOf(condition).flatMap(({ where, at }) => wherePlaces(where, environment, `${path}${at}/where`)), ...ofSum];
}

function placeOf(message: string | null | undefined, path: string): ErrorPlace[] {
  return typeof message === 'string' ? [{ path, message }] : [];
}

function traitPlaces({ trait, op, value }: Extract<Condition, { trait: string }>, environment: ConditionEnvironment, path: string): ErrorPlace[] {
  if (!environment.hasTrait(trait)) return [{ path: `${path}/trait`, message: 'the dictionary has no such profile field' }];
  const type = environment.traitType?.(trait);
  const mismatch = type === undefined ? null : typeMismatch(type, op, value);
  return mismatch === null ? [] : [{ path: `${path}/${mismatch.key}`, message: mismatch.message }];
}
