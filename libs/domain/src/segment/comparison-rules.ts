import { z } from 'zod';
import { isMovingMoment } from './compile-time-test.js';
import type { ComparisonOperator } from './condition.js';
import { parseIsoDate } from './iso-date.js';

/** Every operator that compares a trait or a property. */
export const COMPARISON_OPERATORS = [
  'eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'notIn', 'contains', 'startsWith', 'exists', 'notExists', 'before', 'after',
] as const satisfies readonly ComparisonOperator[];

/** The longest text that a condition compares with. */
export const MAX_VALUE_TEXT = 1_000;
/** The longest list that a condition compares with. */
export const MAX_VALUE_LIST = 1_000;

export const scalarSchema = z.union([z.string().max(MAX_VALUE_TEXT), z.number(), z.boolean()]);
export const scalarListSchema = z.array(scalarSchema).min(1).max(MAX_VALUE_LIST);

/** Whether a value is an ISO 8601 date as conditions take it. */
export const isIsoDate = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(parseIsoDate(value));
const isScalar = (value: unknown): boolean => scalarSchema.safeParse(value).success;
const isOrdered = (value: unknown): boolean => typeof value === 'number' || isIsoDate(value);

interface ValueRule {
  isValid(value: unknown): boolean;
  wants: string;
}

const SCALAR: ValueRule = { isValid: isScalar, wants: 'a string, number or boolean' };
const LIST: ValueRule = { isValid: Array.isArray, wants: 'a list of strings, numbers or booleans' };
const ORDERED: ValueRule = { isValid: isOrdered, wants: 'a number or an ISO date' };
const DATE: ValueRule = { isValid: isIsoDate, wants: 'an ISO date' };

/** What each operator wants as its value; null where it wants none. */
const VALUE_RULES: Record<ComparisonOperator, ValueRule | null> = {
  eq: SCALAR, neq: SCALAR, contains: SCALAR, startsWith: { isValid: (value) => typeof value === 'string', wants: 'a string' },
  in: LIST, notIn: LIST, gt: ORDERED, gte: ORDERED, lt: ORDERED, lte: ORDERED, before: DATE, after: DATE, exists: null, notExists: null,
};

type Report = { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void };

/** Only a trait may be compared with a moving time: what an event was is judged once, when it comes in. */
export function checkValue({ op, value }: { op: ComparisonOperator; value?: unknown }, report: Report, mayMove: boolean): void {
  const rule = VALUE_RULES[op];
  if (mayMove && (op === 'before' || op === 'after') && isMovingMoment(value as never)) return;
  if (rule === null) {
    if (value !== undefined) report.addIssue({ code: 'custom', path: ['value'], message: `\`${op}\` takes no value` });
  } else if (!rule.isValid(value)) {
    report.addIssue({ code: 'custom', path: ['value'], message: `\`${op}\` wants ${rule.wants}` });
  }
}
