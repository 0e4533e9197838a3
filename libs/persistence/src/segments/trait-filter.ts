import { encodeStoredKey, isMovingMoment, momentOffset, parseIsoDate, type ComparisonOperator, type JsonValue, type Moment } from '@firsthand/domain';
import { isoDateMs } from './date-expression.js';
import { allOf, anyElement, anyOf, notOf, NOBODY, type Expression, type Filter } from './filter.js';

/** What a value must be to be there: null is an unset field. */
const PRESENT = { $type: ['string', 'number', 'bool', 'object'] };

/** Compiles a comparison of a profile field; see `compileComparison`. */
export function traitFilter({ trait, op, value }: { trait: string; op: ComparisonOperator; value?: JsonValue }, now: number): Filter {
  const path = `fields.${encodeStoredKey(trait)}.value`;
  switch (op) {
    case 'eq':
      return { [path]: { $eq: value } };
    case 'neq':
      return notOf({ [path]: { $eq: value } });
    case 'in':
      return { [path]: { $in: value } };
    case 'notIn':
      return notOf({ [path]: { $in: value } });
    case 'exists':
      return { [path]: PRESENT };
    case 'notExists':
      return notOf({ [path]: PRESENT });
    case 'contains':
      return anyOf([allOf([{ [path]: { $type: 'array' } }, { [path]: { $eq: value } }]), allOf([notOf({ [path]: { $type: 'array' } }), textFilter(path, value, '$gte')])]);
    case 'startsWith':
      return textFilter(path, value, '$eq');
    default:
      return typeof value === 'number' ? { [path]: { [`$${op}`]: value } } : dateFilter(path, op, value as unknown as Moment, now);
  }
}

/** `$gte` finds the text anywhere, `$eq` at the beginning. */
function textFilter(path: string, value: JsonValue | undefined, operator: '$gte' | '$eq'): Filter {
  if (typeof value !== 'string') return NOBODY;
  const at = (element: string): Expression => ({ $cond: [{ $eq: [{ $type: element }, 'string'] }, { $indexOfBytes: [element, { $literal: value }] }, -1] });
  return allOf([{ [path]: { $type: 'string' } }, { $expr: anyElement(`$${path}`, (element) => ({ [operator]: [at(element), 0] })) }]);
}

/** How the dictionary writes every moment. Up to the 28th a day is one of every month: such a text compares as the time that it says. */
const PLAIN_MOMENT = '^(?!0000)\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$';

const DATE_OPERATORS: Partial<Record<ComparisonOperator, string>> = { before: '$lt', after: '$gt', gt: '$gt', gte: '$gte', lt: '$lt', lte: '$lte' };

function dateFilter(path: string, op: ComparisonOperator, value: Moment, now: number): Filter {
  const limit = isMovingMoment(value) ? now + momentOffset(value) : parseIsoDate(value);
  const holds = (element: string): Expression => ({
    $let: { vars: { ms: isoDateMs(element) }, in: { $and: [{ $ne: ['$$ms', null] }, { [DATE_OPERATORS[op] as string]: ['$$ms', limit] }] } },
  });
  const slow = allOf([{ [path]: { $type: 'string' } }, { $expr: anyElement(`$${path}`, holds) }]);
  const text = new Date(limit).toISOString();
  if (text.length !== MOMENT_LENGTH) return slow;
  const isList = { [path]: { $type: 'array' } };
  const quick = allOf([notOf(isList), { [path]: { $regex: PLAIN_MOMENT, [DATE_OPERATORS[op] as string]: text } }]);
  return anyOf([quick, allOf([anyOf([isList, { [path]: { $not: { $regex: PLAIN_MOMENT } } }]), slow])]);
}

/** The length of a moment in a year of four digits. */
const MOMENT_LENGTH = 24;
