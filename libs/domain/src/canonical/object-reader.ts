import type { JsonObject, JsonValue } from '../json.js';
import type { FieldDefinition, FieldDefinitions } from './field-definition.js';
import { FIELD_TYPES } from './field-types.js';
import type { ReadIssues } from './read-issues.js';

/** Makes a valid value of what came, or gives undefined and notes the issue. */
export type FieldReader = (value: JsonValue, issues: ReadIssues) => JsonValue | undefined;

/** Reads an object; gives undefined when no field is left. */
export type ObjectReader = (value: JsonValue, issues: ReadIssues) => JsonObject | undefined;

/**
 * Builds the reader of an object: known fields are read by their type, unknown ones dropped. Only names of the dictionary are ever written.
 * `keepsNull` is for profiles, where null unsets a field; elsewhere null is the same as absent.
 */
export function objectReader(fields: FieldDefinitions, path: string, keepsNull = false): ObjectReader {
  const readers = new Map(Object.entries(fields).map(([name, field]) => [name, fieldReader(field, path === '' ? name : `${path}.${name}`)]));
  return (value, issues) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      issues.invalid(path);
      return undefined;
    }
    let out: JsonObject | undefined;
    for (const name of Object.keys(value)) {
      const read = readers.get(name);
      if (read === undefined) {
        issues.unknown();
        continue;
      }
      const given = value[name] as JsonValue | undefined;
      if (given === undefined || given === '' || (given === null && !keepsNull)) continue;
      const result = given === null ? null : read(given, issues);
      if (result !== undefined) (out ??= {})[name] = result;
    }
    return out;
  };
}

function fieldReader(field: FieldDefinition, path: string): FieldReader {
  if ('fields' in field) {
    const readObject = objectReader(field.fields, path);
    return field.type === 'objects' ? listReader(readObject, path) : readObject;
  }
  const read: FieldReader = field.values === undefined ? FIELD_TYPES[field.type].read : valuesReader(field.values);
  return (value, issues) => {
    const result = read(value, issues);
    if (result === undefined) issues.invalid(path);
    return result;
  };
}

function valuesReader(values: readonly string[]): FieldReader {
  const known = new Map(values.map((value) => [value.toLowerCase(), value]));
  return (value) => (typeof value === 'string' ? known.get(value.trim().toLowerCase()) : undefined);
}

function listReader(readItem: ObjectReader, path: string): FieldReader {
  return (value, issues) => {
    if (!Array.isArray(value)) {
      issues.invalid(path);
      return undefined;
    }
    const items: JsonObject[] = [];
    for (const item of value) {
      const read = readItem(item, issues);
      if (read !== undefined) items.push(read);
    }
    return items;
  };
}
