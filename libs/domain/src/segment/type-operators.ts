import type { ScalarType } from '../canonical/field-types.js';
import type { JsonValue } from '../json.js';
import { isIsoDate } from './comparison-rules.js';
import { isMovingMoment } from './compile-time-test.js';
import type { ComparisonOperator } from './condition.js';

/** What an operator may be compared with. A `date` is an ISO 8601 text; a `moment` moves with the clock; `none` is no value. */
export type ValueKind = 'text' | 'number' | 'boolean' | 'date' | 'moment' | 'texts' | 'numbers' | 'none';

/** What each operator that makes sense for a type takes. */
export type OperatorKinds = Partial<Record<ComparisonOperator, readonly ValueKind[]>>;

const PRESENCE: OperatorKinds = { exists: ['none'], notExists: ['none'] };
const EQUALITY: OperatorKinds = { eq: ['text'], neq: ['text'], in: ['texts'], notIn: ['texts'], startsWith: ['text'], ...PRESENCE };
const TIME: OperatorKinds = { gt: ['date'], gte: ['date'], lt: ['date'], lte: ['date'], before: ['date', 'moment'], after: ['date', 'moment'] };
const TEXT: OperatorKinds = { ...EQUALITY, contains: ['text'] };
const NUMBER: OperatorKinds = { eq: ['number'], neq: ['number'], gt: ['number'], gte: ['number'], lt: ['number'], lte: ['number'], in: ['numbers'], notIn: ['numbers'], ...PRESENCE };

/** The operators of each type of field. Any other would never hold. */
export const TYPE_OPERATORS: Readonly<Record<ScalarType, OperatorKinds>> = {
  // A text of the customer's own may say a date.
  string: { ...TEXT, ...TIME }, strings: { ...TEXT, ...TIME },
  currency: TEXT, country: TEXT, locale: TEXT, phone: TEXT, email: TEXT, url: TEXT, ip: TEXT,
  integer: NUMBER, number: NUMBER,
  boolean: { eq: ['boolean'], neq: ['boolean'], ...PRESENCE },
  date: { ...EQUALITY, ...TIME }, datetime: { ...EQUALITY, ...TIME },
  money: PRESENCE,
};

/** What a value counts as; a date is a text too. */
export function kindsOf(value: JsonValue | undefined): readonly ValueKind[] {
  if (value === undefined) return ['none'];
  if (isMovingMoment(value)) return ['moment'];
  if (typeof value === 'string') return isIsoDate(value) ? ['text', 'date'] : ['text'];
  if (typeof value === 'number') return ['number'];
  if (typeof value === 'boolean') return ['boolean'];
  if (!Array.isArray(value)) return [];
  if (value.every((element) => typeof element === 'string')) return ['texts'];
  return value.every((element) => typeof element === 'number') ? ['numbers'] : [];
}

/**
 * What is wrong with comparing a field of a type so: it would never hold, or always. Null when it makes sense.
 *
 * @example typeMismatch('integer', 'startsWith', '4') // { key: 'op', message: '…' }
 */
export function typeMismatch(type: ScalarType, op: ComparisonOperator, value: JsonValue | undefined): { key: 'op' | 'value'; message: string } | null {
  const operators = TYPE_OPERATORS[type];
  const takes = operators[op];
  if (takes === undefined) return { key: 'op', message: `makes no sense for a field of type ${type}: use one of ${Object.keys(operators).join(', ')}` };
  return kindsOf(value).some((kind) => takes.includes(kind)) ? null : { key: 'value', message: `\`${op}\` of a field of type ${type} wants ${takes.join(' or ')}` };
}
