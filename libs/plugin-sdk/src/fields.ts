import type { JsonValue } from '@firsthand/domain';

/** What kind of value a field takes; decides its type, its form control and its JSON Schema. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'select' | 'url' | 'email' | 'phone' | 'json' | 'list' | 'dateTime' | 'money' | 'object';

export interface FieldOptions<R extends boolean = boolean> {
  description?: string;
  required?: R;
  default?: JsonValue;
  example?: JsonValue;
}

/** Data that describes one setting or one destination field. `T` is the type of its value. */
export interface Field<T = unknown, R extends boolean = boolean> {
  kind: FieldKind;
  label: string;
  description?: string;
  required: R;
  default?: JsonValue;
  example?: JsonValue;
  /** Encrypted at rest, never shown, never logged. Settings only. */
  secret?: boolean;
  /** For `select`. */
  options?: readonly string[];
  /** For `text`: a regular expression. */
  pattern?: string;
  maxLength?: number;
  /** Whether null is a value of its own: the receiver's is cleared. Anywhere else null is nothing. See {@link clearable}. */
  clearable?: boolean;
  /** For destination fields: the default mapping, e.g. `{{profile.email}}`. */
  from?: string;
  /** Phantom, carries the type. */
  readonly __type?: T;
}

export type Fields = Record<string, Field>;

/** The value type of a set of fields: required ones are present, others optional. */
export type ValuesOf<F extends Fields> = {
  [K in keyof F as F[K] extends Field<unknown, true> ? K : never]: F[K] extends Field<infer T> ? T : never;
} & {
  [K in keyof F as F[K] extends Field<unknown, true> ? never : K]?: F[K] extends Field<infer T> ? T : never;
};

type TextOptions<R extends boolean> = FieldOptions<R> & { secret?: boolean; pattern?: string; maxLength?: number; from?: string };
type ValueOptions<R extends boolean> = FieldOptions<R> & { from?: string };

function field<T, R extends boolean>(kind: FieldKind, label: string, options: Omit<Partial<Field>, 'required'> & { required?: R } = {}): Field<T, R> {
  return { ...options, kind, label, required: (options.required ?? false) as R } as Field<T, R>;
}

/** A line of text. @example text('Signing secret', { secret: true, required: true }) */
export const text = <const R extends boolean = false>(label: string, options: TextOptions<R> = {}): Field<string, R> => field('text', label, options);
export const number = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<number, R> => field('number', label, options);
export const boolean = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<boolean, R> => field('boolean', label, options);
/** One of a closed list. */
export const select = <const O extends readonly string[], const R extends boolean = false>(label: string, choices: O, options: ValueOptions<R> = {}): Field<O[number], R> =>
  field('select', label, { ...options, options: choices });
/** An absolute http(s) URL; private addresses are refused at save unless the operator allows them. */
export const url = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<string, R> => field('url', label, options);
export const email = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<string, R> => field('email', label, options);
/** E.164. */
export const phone = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<string, R> => field('phone', label, options);
export const json = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<JsonValue, R> => field('json', label, options);
/** A list of strings. */
export const list = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<string[], R> => field('list', label, options);
/** ISO 8601, UTC. */
export const dateTime = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<string, R> => field('dateTime', label, options);
/** `{ amountMinor, currency }`, minor units and ISO 4217. */
export const money = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<{ amountMinor: number; currency: string }, R> => field('money', label, options);
/** A free-form object of values, e.g. vendor properties by name. */
export const object = <const R extends boolean = false>(label: string, options: ValueOptions<R> = {}): Field<Record<string, JsonValue>, R> => field('object', label, options);

/**
 * A destination field that can be emptied at the receiver: its payload then holds null. Null says that the person has no such value any more; nothing at all leaves the receiver's as it is.
 *
 * @example clearable(text('City', { from: '{{profile.city}}' }))
 */
export const clearable = <T>(field: Field<T, false>): Field<T | null, false> => ({ ...field, clearable: true }) as Field<T | null, false>;
