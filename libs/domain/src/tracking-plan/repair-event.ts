import { FIELD_TYPES, type ScalarType } from '../canonical/field-types.js';
import { ReadIssues } from '../canonical/read-issues.js';
import { isSafeKey } from '../canonical/safe-key.js';
import type { JsonObject, JsonValue } from '../json.js';
import { shownPath, type FoundViolation } from './find-violations.js';

/** The dictionary's way to read a text of a format. */
const FORMATS: Readonly<Record<string, ScalarType>> = { 'date-time': 'datetime', date: 'date', email: 'email', phone: 'phone', uri: 'url', ip: 'ip' };

/** The same name in another spelling has the same likeness. */
export function likeness(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Makes a violation of a field right where nothing is lost by it: reads the value as the dictionary would, spells an allowed value or a planned name as planned, puts in the default
 * of what is missing. Changes the event; gives what was done, as a flag without values, or null where nothing could be done.
 */
export function coerceField(event: JsonObject, violation: FoundViolation, place: FieldPlace): string | null {
  switch (violation.kind) {
    case 'wrongType': return coerceType(violation, place);
    case 'valueNotAllowed': return coerceSpelling(violation, place);
    case 'missingRequired': return putDefault(event, violation);
    default: return renameField(violation, place);
  }
}

/** Where a field is: what holds it, and under which name. */
export interface FieldPlace {
  holder: JsonObject | JsonValue[];
  key: string;
}

/** Finds the place of a violation; undefined where there is nothing. */
export function placeOf(event: JsonObject, steps: readonly string[]): FieldPlace | undefined {
  let holder: JsonValue | undefined = event;
  for (const step of steps.slice(0, -1)) holder = isHolder(holder) && Object.hasOwn(holder, step) ? (holder as JsonObject)[step] : undefined;
  const key = steps.at(-1);
  return isHolder(holder) && key !== undefined ? { holder, key } : undefined;
}

/** Takes a field away. Of a list no single entry goes: the list is no longer what was sent. */
export function stripField(event: JsonObject, steps: readonly string[]): string | null {
  const place = placeOf(event, steps);
  if (place === undefined || !Object.hasOwn(place.holder, place.key)) return null;
  if (Array.isArray(place.holder)) return stripField(event, steps.slice(0, -1));
  delete place.holder[place.key];
  return `plan-stripped:${shownPath(steps)}`;
}

function coerceType({ schema, path }: FoundViolation, { holder, key }: FieldPlace): string | null {
  const value = (holder as JsonObject)[key];
  if (value === undefined) return null;
  for (const type of [schema.type].flat()) {
    const read = readAs(String(type), schema, value);
    if (read === undefined || read === value) continue;
    (holder as JsonObject)[key] = read;
    return `plan-coerced:${path}:${typeOf(value)}-${typeOf(read)}`;
  }
  return null;
}

function readAs(type: string, { format, items }: JsonObject, value: JsonValue): JsonValue | undefined {
  const issues = new ReadIssues();
  if (type === 'integer' || type === 'number' || type === 'boolean') return FIELD_TYPES[type].read(value, issues);
  if (type === 'string') return FIELD_TYPES[typeof format === 'string' ? FORMATS[format] ?? 'string' : 'string'].read(value, issues);
  return type === 'array' && isHolder(items) && !Array.isArray(items) && items.type === 'string' ? FIELD_TYPES.strings.read(value, issues) : undefined;
}

function coerceSpelling({ schema, path }: FoundViolation, { holder, key }: FieldPlace): string | null {
  const value = (holder as JsonObject)[key];
  if (typeof value !== 'string' || !Array.isArray(schema.enum)) return null;
  const meant = schema.enum.filter((one): one is string => typeof one === 'string' && one.trim().toLowerCase() === value.trim().toLowerCase());
  const [only, ...others] = meant;
  if (only === undefined || others.length > 0) return null;
  (holder as JsonObject)[key] = only;
  return `plan-coerced:${path}:spelling`;
}

function putDefault(event: JsonObject, { steps, schema, path }: FoundViolation): string | null {
  const key = steps.at(-1) ?? '';
  const planned = isHolder(schema.properties) ? (schema.properties as JsonObject)[key] : undefined;
  if (!isHolder(planned) || Array.isArray(planned) || planned.default === undefined) return null;
  // A section that did not come at all is begun.
  if (steps.length === 2 && event[steps[0] as string] === undefined) event[steps[0] as string] = {};
  const place = placeOf(event, steps);
  if (place === undefined || Array.isArray(place.holder)) return null;
  place.holder[key] = structuredClone(planned.default);
  return `plan-coerced:${path}:default`;
}

/** To the one planned name that is spelled alike, if nothing stands there. */
function renameField({ schema, steps }: FoundViolation, { holder, key }: FieldPlace): string | null {
  if (Array.isArray(holder) || !Object.hasOwn(holder, key) || !isHolder(schema.properties)) return null;
  const alike = Object.keys(schema.properties).filter((name) => likeness(name) === likeness(key));
  const [name, ...others] = alike;
  if (name === undefined || others.length > 0 || !isSafeKey(name) || (holder[name] ?? '') !== '') return null;
  holder[name] = holder[key] as JsonValue;
  delete holder[key];
  return `plan-renamed:${shownPath([...steps.slice(0, -1), name])}`;
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function isHolder(value: JsonValue | undefined): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null;
}
