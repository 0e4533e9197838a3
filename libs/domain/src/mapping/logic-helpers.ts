import { isAbsent, isTruthy, numberOf, textOf, type MappedValue, type MappingHelper } from './mapping-helper.js';

const left = { name: 'left', description: 'A value.' };
const right = { name: 'right', description: 'The value to compare it with.' };
const condition = { name: 'condition', description: 'A value that holds unless it is absent, null, false, 0 or empty.' };

/** Scalars are equal by their text (`5` and `"5"`); absent equals null; lists and objects equal nothing. */
function areEqual(a: MappedValue, b: MappedValue): boolean {
  if (a === b) return typeof a !== 'object' || a === null;
  if (isNone(a) || isNone(b)) return isNone(a) && isNone(b);
  const text = textOf(a);
  return text !== undefined && text === textOf(b);
}

function isNone(value: MappedValue): boolean {
  return value === undefined || value === null;
}

/** Numbers by value, other texts by code unit (right for ISO times); anything else does not compare. */
function compare(a: MappedValue, b: MappedValue): number | undefined {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a !== 'string' || typeof b !== 'string') return undefined;
  return a === b ? 0 : a < b ? -1 : 1;
}

function comparison(name: string, description: string, holds: (order: number) => boolean, gives: boolean): MappingHelper {
  return {
    name, description, args: [left, right], example: { template: `{{${name} total 100}}`, record: { total: 100 }, gives },
    run: (a, b) => {
      const result = compare(a, b);
      return result !== undefined && holds(result);
    },
  };
}

/** Helpers that decide or choose. */
export const logicHelpers: readonly MappingHelper[] = [
  {
    name: 'eq', description: 'Whether two scalars are equal; `5` equals `"5"`.', args: [left, right],
    example: { template: '{{eq status "paid"}}', record: { status: 'paid' }, gives: true },
    run: (a, b) => areEqual(a, b),
  },
  {
    name: 'neq', description: 'Whether two scalars differ.', args: [left, right],
    example: { template: '{{neq status "paid"}}', record: { status: 'paid' }, gives: false },
    run: (a, b) => !areEqual(a, b),
  },
  comparison('gt', 'Whether left is greater than right.', (order) => order > 0, false),
  comparison('gte', 'Whether left is greater than or equal to right.', (order) => order >= 0, true),
  comparison('lt', 'Whether left is less than right.', (order) => order < 0, false),
  comparison('lte', 'Whether left is less than or equal to right.', (order) => order <= 0, true),
  {
    name: 'and', description: 'Whether all conditions hold.', args: [{ ...condition, isRest: true }],
    example: { template: '{{and paid (gt total 0)}}', record: { paid: true, total: 5 }, gives: true },
    run: (...conditions) => conditions.every(isTruthy),
  },
  {
    name: 'or', description: 'Whether any condition holds.', args: [{ ...condition, isRest: true }],
    example: { template: '{{or email phone}}', record: { phone: '1' }, gives: true },
    run: (...conditions) => conditions.some(isTruthy),
  },
  {
    name: 'not', description: 'Whether the condition does not hold.', args: [condition],
    example: { template: '{{not test}}', record: { test: false }, gives: true },
    run: (value) => !isTruthy(value),
  },
  {
    name: 'default', description: 'The first value that is neither absent, null nor empty.', args: [{ name: 'value', description: 'A candidate.', isRest: true }],
    example: { template: '{{default nickname name "friend"}}', record: { nickname: '', name: 'Ana' }, gives: 'Ana' },
    run: (...values) => values.find((value) => !isAbsent(value)),
  },
  {
    name: 'map', description: 'Translates a value by pairs of key and result; a last, single argument is the default.',
    args: [{ name: 'value', description: 'The value to translate.' }, { name: 'key', description: 'A key.' }, { name: 'result', description: 'Its result; then more pairs, then the default.', isRest: true }],
    example: { template: '{{map gender "1" "male" "2" "female" "unknown"}}', record: { gender: 2 }, gives: 'female' },
    run: (value, ...pairs) => {
      const last = pairs.length - (pairs.length % 2);
      for (let at = 0; at < last; at += 2) if (areEqual(value, pairs[at])) return pairs[at + 1];
      return pairs[last];
    },
  },
];
