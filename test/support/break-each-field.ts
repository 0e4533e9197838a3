import type { JsonValue } from '@firsthand/domain';

/** A body with one value, at any depth, that is of a type which fits nowhere. */
export interface BrokenBody {
  /** Where, as a JSON pointer. */
  path: string;
  body: JsonValue;
}

/**
 * Every variant of a body that has one field broken: a list and a scalar become an object, an object becomes a text.
 *
 * @example it.each([...breakEachField(users)])('$path', ({ body }) => …)
 */
export function* breakEachField(value: JsonValue, path = ''): Generator<BrokenBody> {
  if (path !== '') yield { path, body: isObject(value) ? 'broken' : { broken: true } };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) for (const inner of breakEachField(item, `${path}/${index}`)) yield { path: inner.path, body: value.with(index, inner.body) };
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) for (const inner of breakEachField(item, `${path}/${name}`)) yield { path: inner.path, body: { ...value, [name]: inner.body } };
  }
}

function isObject(value: JsonValue): value is { [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
