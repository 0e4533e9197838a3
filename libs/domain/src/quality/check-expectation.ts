import type { Dictionary, DictionaryField } from '../canonical/dictionary.js';
import { FIELD_TYPES } from '../canonical/field-types.js';
import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import { isTimeZone } from '../flow/local-time.js';
import { judgePattern } from '../tracking-plan/judge-pattern.js';
import { wholeText } from '../tracking-plan/fields-to-schema.js';
import type { Expectation, ExpectationRule } from './expectation.js';
import { QUALITY_SECTIONS } from './read-field.js';

/** What there is in a workspace that an expectation may name. */
export interface ExpectationSurroundings {
  dictionary: Pick<Dictionary, 'field' | 'events'>;
  /** Ids of source connections. */
  sources: ReadonlySet<string>;
  /** Ids of destination connections of the plugin `webhook`. */
  webhooks: ReadonlySet<string>;
  /** Names of events beside those of the dictionary: those of tracking plans. */
  plannedEvents: ReadonlySet<string>;
}

const NUMBERS: ReadonlySet<string> = new Set(['integer', 'number', 'money']);

/**
 * Checks that an expectation names what there is, and asks what can be answered.
 *
 * @throws FirsthandError `INVALID_EXPECTATION` with every place
 * @example checkExpectation(expectation, { dictionary, sources: new Set(['till']), webhooks: new Set(), plannedEvents: new Set() });
 */
export function checkExpectation(expectation: Expectation, surroundings: ExpectationSurroundings): void {
  const places = [...scopePlaces(expectation, surroundings), ...rulePlaces(expectation.rule, surroundings)];
  if (places.length > 0) throw new FirsthandError('INVALID_EXPECTATION', `${places[0]?.path} ${places[0]?.message}`, places);
}

function scopePlaces({ scope, alert }: Expectation, surroundings: ExpectationSurroundings): ErrorPlace[] {
  return [
    ...place(scope.connectionId !== null && !surroundings.sources.has(scope.connectionId), '/scope/connectionId', 'is no source of the workspace'),
    ...place(scope.event !== null && !isEvent(scope.event, surroundings), '/scope/event', 'is no event of the dictionary or of a tracking plan'),
    ...place(alert !== null && !surroundings.webhooks.has(alert.connectionId), '/alert/connectionId', 'is no destination of the plugin webhook'),
  ];
}

function rulePlaces(rule: ExpectationRule, surroundings: ExpectationSurroundings): ErrorPlace[] {
  const fieldAt = (path: string, at: string): ErrorPlace[] => place(leafAt(path, surroundings) === undefined, at, `is no field of an event in the dictionary: fields lie in ${QUALITY_SECTIONS.join(', ')}`);
  switch (rule.kind) {
    case 'freshness': return [];
    case 'volume': return place(rule.timeZone !== undefined && !isTimeZone(rule.timeZone), '/rule/timeZone', 'is no IANA time zone');
    case 'crossField': return [...fieldAt(rule.left, '/rule/left'), ...fieldAt(rule.right, '/rule/right'), ...place(!areComparable(rule, surroundings), '/rule/right', 'is of another kind than the left one: no value is less or more than it')];
    case 'reference': return [
      ...fieldAt(rule.field, '/rule/field'), ...fieldAt(rule.to.field, '/rule/to/field'), ...remembered(rule.field, '/rule/field', surroundings), ...remembered(rule.to.field, '/rule/to/field', surroundings),
      ...place(!isEvent(rule.to.event, surroundings), '/rule/to/event', 'is no event of the dictionary or of a tracking plan'),
    ];
    case 'uniqueness': return [...fieldAt(rule.field, '/rule/field'), ...remembered(rule.field, '/rule/field', surroundings)];
    case 'range': return [...fieldAt(rule.field, '/rule/field'), ...rangePlaces(rule, leafAt(rule.field, surroundings))];
    case 'validity': return [...(rule.field === null ? [] : fieldAt(rule.field, '/rule/field')), ...validityPlaces(rule)];
    default: return fieldAt(rule.field, '/rule/field');
  }
}

function rangePlaces({ minimum, maximum }: Extract<ExpectationRule, { kind: 'range' }>, field: DictionaryField | undefined): ErrorPlace[] {
  return [
    ...place(field !== undefined && !NUMBERS.has(field.type), '/rule/field', 'is no number and no money'),
    ...place(minimum === undefined && maximum === undefined, '/rule', 'has neither a minimum nor a maximum'),
    ...place(minimum !== undefined && maximum !== undefined && minimum > maximum, '/rule/minimum', 'is above the maximum'),
  ];
}

function validityPlaces({ field, pattern, format }: Extract<ExpectationRule, { kind: 'validity' }>): ErrorPlace[] {
  const wrong = pattern === undefined ? null : judgePattern(wholeText(pattern));
  return [
    ...place(wrong !== null, '/rule/pattern', wrong ?? ''),
    ...place(format !== undefined && !Object.hasOwn(FIELD_TYPES, format), '/rule/format', 'is no type of the dictionary'),
    ...place(field === null && (pattern !== undefined || format !== undefined), '/rule/field', 'is missing: patterns and formats are those of a field'),
  ];
}

/** Numbers have an order, texts and times have one, and nothing else has; between a number and a text there is none. */
function areComparable({ left, operator, right }: Extract<ExpectationRule, { kind: 'crossField' }>, surroundings: ExpectationSurroundings): boolean {
  if (operator === 'requires' || operator === 'eq' || operator === 'ne') return true;
  const [one, other] = [left, right].map((path) => leafAt(path, surroundings)?.type);
  return one === undefined || other === undefined || NUMBERS.has(one) === NUMBERS.has(other);
}

/** For a while a keyed hash of the value is kept: not of what identifies or describes a person. */
function remembered(path: string, at: string, surroundings: ExpectationSurroundings): ErrorPlace[] {
  const pii = leafAt(path, surroundings)?.pii;
  return place(pii === 'personal' || pii === 'sensitive', at, `is ${pii} data, of which nothing is remembered beside the profile`);
}

function leafAt(path: string, { dictionary }: ExpectationSurroundings): DictionaryField | undefined {
  const [section = ''] = path.split('.');
  const field = (QUALITY_SECTIONS as readonly string[]).includes(section) ? dictionary.field(path) : undefined;
  return field === undefined || field.type === 'object' || field.type === 'objects' ? undefined : field;
}

function isEvent(name: string, { dictionary, plannedEvents }: ExpectationSurroundings): boolean {
  return plannedEvents.has(name) || dictionary.events.some((event) => event.name === name);
}

function place(isWrong: boolean, path: string, message: string): ErrorPlace[] {
  return isWrong ? [{ path, message }] : [];
}
