import { FIELD_TYPES, type ScalarType } from '../canonical/field-types.js';
import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { ReadIssues } from '../canonical/read-issues.js';
import { isJsonObject } from '../json.js';
import { canonicalJson } from '../profile/canonical-json.js';
import { wholeText } from '../tracking-plan/fields-to-schema.js';
import type { CrossFieldOperator, ExpectationRule } from './expectation.js';
import { fieldValues, type FieldValues, type FoundValue } from './read-field.js';

/** What one event says of a rule: that it holds or fails; of which type its value is; or a value of which others have to say whether it is good. */
export type Observation = { isFailed: boolean } | { type: string } | { value: string };

/** Looks at one event. Null where the rule does not speak of it: a value that is not there is neither in range nor out of it. */
export type ObserveRule = (record: CanonicalRecord, types: Readonly<Record<string, string>>) => Observation | null;

const HOLDS: Observation = { isFailed: false };
const FAILS: Observation = { isFailed: true };
const judged = (isFailed: boolean): Observation => (isFailed ? FAILS : HOLDS);

/**
 * Compiles what a rule asks of each event. Rules on a source as a whole (`freshness`, `volume`, `validity` without a field) ask nothing of it: all that arrives counts.
 *
 * @example observeRule({ kind: 'completeness', field: 'order.orderId', mostFailing: 0 })(record, {}) // { isFailed: false }
 */
export function observeRule(rule: ExpectationRule): ObserveRule {
  switch (rule.kind) {
    case 'completeness': case 'nullRate': {
      const read = fieldValues(rule.field);
      return (record) => judged(read(record).includes(undefined));
    }
    case 'uniqueness': case 'reference': {
      const read = fieldValues(rule.field);
      return (record) => {
        const values = present(read, record);
        return values.length === 0 ? null : { value: valueKey(values) };
      };
    }
    case 'validity': return rule.field === null ? () => HOLDS : validity(rule.field, rule);
    case 'range': {
      const { minimum = -Infinity, maximum = Infinity } = rule;
      return eachValue(rule.field, (value) => {
        const number = amountOf(value);
        return number !== undefined && number >= minimum && number <= maximum;
      });
    }
    case 'allowedValues': {
      const allowed = new Set<unknown>(rule.values);
      return eachValue(rule.field, (value) => (Array.isArray(value) ? value.every((entry) => allowed.has(entry)) : allowed.has(value)));
    }
    case 'crossField': return crossField(rule.left, rule.operator, rule.right);
    case 'typeDrift': {
      const { field } = rule;
      return (_record, types) => (Object.hasOwn(types, field) ? { type: types[field] as string } : null);
    }
    case 'freshness': case 'volume': return () => HOLDS;
  }
}

/** The text by which values are told apart. */
export function valueKey(values: readonly FoundValue[]): string {
  return canonicalJson(values.length === 1 ? (values[0] ?? null) : values.map((value) => value ?? null));
}

function present(read: FieldValues, record: CanonicalRecord): Exclude<FoundValue, undefined>[] {
  return read(record).filter((value) => value !== undefined);
}

function eachValue(field: string, isGood: (value: Exclude<FoundValue, undefined>) => boolean): ObserveRule {
  const read = fieldValues(field);
  return (record) => {
    const values = present(read, record);
    return values.length === 0 ? null : judged(!values.every(isGood));
  };
}

/** A value that did not fit its type in the dictionary was dropped on the way in, and flagged. */
function validity(field: string, { pattern, format }: { pattern?: string | undefined; format?: string | undefined }): ObserveRule {
  const flag = `field-invalid:${field}`;
  const expression = pattern === undefined ? undefined : new RegExp(wholeText(pattern), 'u');
  const type = format === undefined ? undefined : FIELD_TYPES[format as ScalarType];
  const observe = eachValue(field, (value) => (expression === undefined || (typeof value === 'string' && expression.test(value))) && (type === undefined || type.read(value, new ReadIssues()) !== undefined));
  return (record, types) => (record.flags.includes(flag) ? FAILS : observe(record, types));
}

function crossField(left: string, operator: CrossFieldOperator, right: string): ObserveRule {
  const [readLeft, readRight] = [fieldValues(left), fieldValues(right)];
  return (record) => {
    const [one, other] = [readLeft(record)[0], readRight(record)[0]];
    if (operator === 'requires') return one === undefined ? null : judged(other === undefined);
    return one === undefined || other === undefined ? null : judged(!holds(one, operator, other));
  };
}

function holds(one: Exclude<FoundValue, undefined>, operator: Exclude<CrossFieldOperator, 'requires'>, other: Exclude<FoundValue, undefined>): boolean {
  if (operator === 'eq' || operator === 'ne') return (canonicalJson(one) === canonicalJson(other)) === (operator === 'eq');
  // Amounts of different currencies do not compare, and nor do a text and a number: the expectation is not met.
  if (isJsonObject(one) && isJsonObject(other) && one.currency !== other.currency) return false;
  const [a, b] = typeof one === 'string' && typeof other === 'string' ? [one, other] : [amountOf(one), amountOf(other)];
  if (a === undefined || b === undefined) return false;
  return operator === 'lt' ? a < b : operator === 'lte' ? a <= b : operator === 'gt' ? a > b : a >= b;
}

function amountOf(value: FoundValue): number | undefined {
  const amount = isJsonObject(value) ? value.amountMinor : value;
  return typeof amount === 'number' ? amount : undefined;
}
