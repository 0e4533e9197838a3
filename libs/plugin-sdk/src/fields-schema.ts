import { EMAIL_PATTERN, FirsthandError } from '@firsthand/domain';
import { z } from 'zod';
import type { Field, FieldKind, Fields } from './fields.js';

const kinds: Record<Exclude<FieldKind, 'text' | 'select'>, z.ZodType> = {
  number: z.number(),
  boolean: z.boolean(),
  url: z.url({ protocol: /^https?$/, error: 'Must be an absolute http(s) URL' }).refine(hasNoCredentials, 'Must hold no user name or password'),
  email: z.email({ pattern: EMAIL_PATTERN }).max(254),
  phone: z.e164(),
  json: z.unknown(),
  list: z.array(z.string()),
  dateTime: z.iso.datetime({ error: 'Must be an ISO 8601 time in UTC, such as 2026-11-24T08:00:00Z' }),
  money: z.strictObject({ amountMinor: z.int(), currency: z.string().regex(/^[A-Z]{3}$/) }),
  object: z.record(z.string(), z.unknown()),
};

/**
 * The Zod schema of one set of fields: what the validator runs and the form's JSON Schema is made from. Unknown keys are refused.
 *
 * @throws FirsthandError `INVALID_PLUGIN` when a field is not well defined.
 */
export function fieldsSchema(fields: Fields): z.ZodObject {
  return z.strictObject(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(name, field)])));
}

function fieldSchema(name: string, field: Field): z.ZodType {
  const { label, description, example, secret } = field;
  const value = valueSchema(name, field);
  const schema = withDefault(name, field, field.clearable === true ? value.nullable() : value);
  return schema.meta({
    title: label,
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { examples: [example] }),
    ...(secret === true ? { writeOnly: true, format: 'password' } : {}),
  });
}

function withDefault(name: string, field: Field, schema: z.ZodType): z.ZodType {
  if (field.default === undefined) return field.required ? schema : schema.optional();
  if (!schema.safeParse(field.default).success) throw invalid(name, 'the default does not fit its kind');
  return schema.default(field.default);
}

function valueSchema(name: string, field: Field): z.ZodType {
  if (field.kind === 'text') return textSchema(name, field);
  if (field.kind === 'select') {
    if (field.options === undefined || field.options.length === 0) throw invalid(name, 'a select needs options');
    return z.enum(field.options);
  }
  if (!Object.hasOwn(kinds, field.kind)) throw invalid(name, 'its kind is not known');
  return kinds[field.kind];
}

function textSchema(name: string, { pattern, maxLength }: Field): z.ZodType {
  let schema = z.string();
  if (pattern !== undefined) schema = schema.regex(compile(name, pattern), 'Does not have the form that is asked for');
  return maxLength === undefined ? schema : schema.max(maxLength);
}

function compile(name: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    throw invalid(name, 'its pattern is no regular expression');
  }
}

function hasNoCredentials(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

function invalid(name: string, reason: string): FirsthandError {
  return new FirsthandError('INVALID_PLUGIN', `Field "${name}": ${reason}.`);
}
