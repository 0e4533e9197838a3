import type { NumberOperator, NumberTest } from './condition.js';

/**
 * Compiles a test of a number.
 *
 * @example compileNumberTest({ op: 'gte', value: 3 })(4) // true
 */
export function compileNumberTest({ op, value }: NumberTest): (actual: number) => boolean {
  return (actual) => compareNumbers(op, actual, value);
}

/** Whether `actual op value` holds. */
export function compareNumbers(op: NumberOperator, actual: number, value: number): boolean {
  switch (op) {
    case 'eq':
      return actual === value;
    case 'gte':
      return actual >= value;
    case 'gt':
      return actual > value;
    case 'lte':
      return actual <= value;
    case 'lt':
      return actual < value;
  }
}
