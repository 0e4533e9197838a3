import type { NumberOperator } from '@firsthand/domain';

/** A part of a query, in MongoDB's match language. */
export type Filter = Record<string, unknown>;

/** An aggregation expression. */
export type Expression = unknown;

/** Every document; */
export const EVERYBODY: Filter = {};
/** none. */
export const NOBODY: Filter = { $nor: [{}] };

/** All of these hold. */
export function allOf(filters: readonly Filter[]): Filter {
  return filters.length === 0 ? EVERYBODY : { $and: filters };
}

/** Any of these holds. */
export function anyOf(filters: readonly Filter[]): Filter {
  return filters.length === 0 ? NOBODY : { $or: filters };
}

/** This does not hold. */
export function notOf(filter: Filter): Filter {
  return { $nor: [filter] };
}

const OPPOSITE: Record<NumberOperator, string> = { eq: '$ne', gte: '$lt', gt: '$lte', lte: '$gt', lt: '$gte' };

/**
 * `path op value` where a number that is not there is 0: what is not there fits no comparison, so that the opposite is denied where 0 would fit.
 *
 * @example numberFilter('activity.A.total', { op: 'lt', value: 3 }, true) // { $nor: [{ 'activity.A.total': { $gte: 3 } }] }
 */
export function numberFilter(path: string, { op, value }: { op: NumberOperator; value: number }, isZeroFit: boolean): Filter {
  if (!isZeroFit) return { [path]: { [`$${op}`]: value } };
  // `$ne` is true of what is not there.
  return op === 'eq' ? notOf({ [path]: { $type: 'number', $ne: value } }) : notOf({ [path]: { [OPPOSITE[op]]: value } });
}

/** Whether an expression holds for the value at a path, or for any element where it is a list. */
export function anyElement(path: string, holds: (value: string) => Expression): Expression {
  return { $anyElementTrue: [{ $map: { input: { $cond: [{ $isArray: path }, path, [path]] }, as: 'element', in: holds('$$element') } }] };
}
