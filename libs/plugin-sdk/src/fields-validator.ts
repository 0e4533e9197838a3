import type { ErrorPlace, JsonObject } from '@firsthand/domain';
import type { Fields, ValuesOf } from './fields.js';
import { fieldsSchema } from './fields-schema.js';

/** Typed values, or every place that is wrong. */
export type FieldsResult<F extends Fields> = { ok: true; values: ValuesOf<F> } | { ok: false; places: ErrorPlace[] };

export interface FieldsValidatorOptions {
  /** Only these fields, none of them required: for the payload of a removal, which carries what the recipient already got. */
  only?: readonly string[];
  /** What to do with keys that are no field. Default `refuse`; `drop` for what an older version of the plugin stored. */
  unknownKeys?: 'refuse' | 'drop';
}

/**
 * Compiles the validator of a set of fields, once. It drops empties (null unless the field is clearable, empty text, list or object), writes numbers and booleans as text where
 * text is asked for, fills in defaults, then checks. The messages never repeat a value.
 *
 * @throws FirsthandError `INVALID_PLUGIN` when a field is not well defined.
 * @example const validate = fieldsValidator({ email: email('Email', { required: true }) }); validate({ email: '' }) // { ok: false, places: [{ path: '/email', … }] }
 */
export function fieldsValidator<F extends Fields>(fields: F, { only, unknownKeys = 'refuse' }: FieldsValidatorOptions = {}): (input: JsonObject) => FieldsResult<F> {
  const taken = only === undefined ? fields : pick(fields, only);
  const strict = fieldsSchema(taken);
  const schema = unknownKeys === 'drop' ? strict.strip() : strict;
  const isClearing = (name: string, value: unknown): boolean => value === null && Object.hasOwn(taken, name) && taken[name]?.clearable === true;
  const texts = Object.keys(taken).filter((name) => taken[name]?.kind === 'text');

  return (input) => {
    const values = withoutEmpties(input, isClearing);
    for (const name of texts) if (typeof values[name] === 'number' || typeof values[name] === 'boolean') values[name] = String(values[name]);
    const result = schema.safeParse(values);
    if (result.success) return { ok: true, values: result.data as ValuesOf<F> };
    return { ok: false, places: result.error.issues.map((issue) => toPlace(issue, values)) };
  };
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.flatMap((name) => {
    const field = fields[name];
    return field === undefined ? [] : [[name, { ...field, required: false, default: undefined }]];
  }));
}

function withoutEmpties(input: JsonObject, isKept: (name: string, value: unknown) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(input).filter(([name, value]) => value !== undefined && (!isEmpty(value) || isKept(name, value))));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function toPlace(issue: { path: PropertyKey[]; message: string }, values: JsonObject): ErrorPlace {
  const [name] = issue.path;
  const isMissing = issue.path.length === 1 && !Object.hasOwn(values, name as string);
  return { path: issue.path.map((step) => `/${String(step)}`).join(''), message: isMissing ? 'Required' : issue.message };
}
