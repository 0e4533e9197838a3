import type { ErrorObject } from 'ajv/dist/2020.js';
import { lintFieldName } from '../canonical/lint-names.js';
import type { JsonObject } from '../json.js';
import { keyOfToken } from '../json-pointer.js';
import type { Violation, ViolationKind } from './tracking-plan.js';

/** A violation as it was found: with the way to its place, and the schema that it breaks. */
export interface FoundViolation extends Violation {
  /** Names and list positions from the event's root. */
  steps: readonly string[];
  /** The schema that holds the broken rule. */
  schema: JsonObject;
}

const KINDS: Readonly<Record<string, ViolationKind>> = {
  type: 'wrongType', format: 'wrongType', required: 'missingRequired', dependentRequired: 'missingRequired', additionalProperties: 'unplannedProperty', unevaluatedProperties: 'unplannedProperty',
  'false schema': 'unplannedProperty', propertyNames: 'badName',
};
/** Where a schema has alternatives. */
const ALTERNATIVES = /\/(?:anyOf|oneOf)(?=\/\d+\/)/g;
/** A name that may be shown: what people write as names is anything, also somebody's address. */
const SHOWN = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const POSITION = /^\d+$/;

/** The violations that errors of a schema are, each kind at each place once; there is one at least. A name outside the plan that breaks the convention as well is told of as both. */
export function toViolations(errors: readonly ErrorObject[]): FoundViolation[] {
  const found = errors.filter((error) => error.keyword !== 'if' && error.propertyName === undefined && !isOfABranch(error, errors)).flatMap(toViolation);
  const seen = new Set<string>();
  return found.filter(({ kind, steps }) => {
    const key = `${kind} ${steps.join('/')}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Of one alternative of several that all do not fit: that is told once, at the place of them all. An alternative that a reference elsewhere names stands for itself there. */
function isOfABranch({ schemaPath, instancePath }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return [...schemaPath.matchAll(ALTERNATIVES)].some(({ 0: keyword, index }) => {
    const whole = schemaPath.slice(0, index + keyword.length);
    return errors.some((error) => error.schemaPath === whole && (error.instancePath === instancePath || instancePath.startsWith(`${error.instancePath}/`)));
  });
}

function toViolation({ keyword, instancePath, params, parentSchema }: ErrorObject): FoundViolation[] {
  const kind = KINDS[keyword] ?? 'valueNotAllowed';
  const name = [params.missingProperty, params.additionalProperty, params.unevaluatedProperty, params.propertyName].find((one): one is string => typeof one === 'string');
  const steps = [...instancePath.split('/').slice(1).map(keyOfToken), ...(name === undefined ? [] : [name])];
  const schema = (parentSchema ?? {}) as JsonObject;
  const violation = { kind, path: shownPath(steps), message: messageOf(keyword, schema), steps, schema };
  return kind === 'unplannedProperty' && name !== undefined && lintFieldName(name) !== null ? [{ ...violation, kind: 'badName', message: 'breaks the naming convention' }, violation] : [violation];
}

/** @example shownPath(['order', 'lines', '0', 'sku']) // 'order.lines.sku' */
export function shownPath(steps: readonly string[]): string {
  return steps.filter((step) => !POSITION.test(step)).map((step) => (SHOWN.test(step) ? step : '*')).join('.');
}

function messageOf(keyword: string, { title, type, format }: JsonObject): string {
  switch (keyword) {
    case 'type': return `is no ${typeof title === 'string' ? title : [type].flat().map((one) => (one === 'array' ? 'list' : String(one))).join(' or ')}`;
    case 'format': return `is no ${String(format)}`;
    case 'required': case 'dependentRequired': return 'is missing';
    case 'additionalProperties': case 'unevaluatedProperties': case 'false schema': return 'is not planned';
    case 'propertyNames': return 'breaks the naming convention';
    case 'enum': case 'const': return 'is none of the allowed values';
    case 'pattern': return 'does not match its pattern';
    default: return `breaks the rule ${keyword}`;
  }
}
