import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { Dictionary } from '../canonical/dictionary.js';
import { MAX_TEXT } from '../canonical/field-types.js';
import type { JsonObject, JsonValue } from '../json.js';
import { isSameJson } from '../profile/canonical-json.js';
import type { CompiledMapping } from './mapping.js';
import { readSections } from './read-sections.js';

/**
 * What became of a value on its way into the canonical record: `kept` as the mapping gave it, `coerced` to the field's type, `truncated` (a list lost
 * what is beyond its limit), `dropped`, or `empty`: the mapping gave nothing although the record has what it reads.
 */
export const FIELD_OUTCOMES = ['kept', 'coerced', 'truncated', 'dropped', 'empty'] as const;
export type FieldOutcome = (typeof FIELD_OUTCOMES)[number];

/** One canonical field: where its value comes from, what it is, and what was lost. */
export interface TracedField {
  /** Its path in a canonical record, list positions included: `order.lines.0.sku`. */
  target: string;
  /** Paths of the raw record that it is made of, as far as they have a value; `*` is the whole record. */
  sources: string[];
  /** Its type by the dictionary; null for what is none of its fields. */
  type: string | null;
  outcome: FieldOutcome;
  /** Why something was lost: `not-in-dictionary`, `does-not-fit`, `too-long`, `names-nobody`, `too-many`, `nothing-made`. */
  reason: string | null;
  /** What stands in the record; null where nothing does. */
  value: JsonValue;
  /** What the mapping gave, where that is something else. */
  given: JsonValue;
}

/** What a trace is made of. */
export interface MappingTraceInput {
  mapping: Pick<CompiledMapping, 'sources'>;
  raw: JsonValue;
  /** What the mapping gave. */
  mapped: JsonObject;
  /** What became of it; undefined for a record that goes to quarantine: its fields are told all the same. */
  record?: CanonicalRecord | undefined;
  dictionary: Dictionary;
  defaultCountry?: string | undefined;
}

/**
 * Says of each canonical field where its value comes from and what was lost on the way. Pure; shows values, so it is for who may see the record.
 *
 * @example traceMapping({ mapping, raw, mapped, record, dictionary }).filter(({ outcome }) => outcome === 'dropped')
 */
export function traceMapping({ mapping, raw, mapped, record, dictionary, defaultCountry }: MappingTraceInput): TracedField[] {
  const sourcesOf = (target: string): string[] => sourcesWithValue(mapping, raw, target);
  const filled = readSections({ mapped, record, dictionary, defaultCountry }).map(({ path, given, value, isTooMany }): TracedField => {
    const plain = withoutPositions(path);
    const type = dictionary.field(plain)?.type ?? null;
    return { target: path, sources: sourcesOf(plain), type, ...judge({ given, value, isTooMany, isKnown: type !== null || dictionary.isTarget(plain), isIdentity: plain.startsWith('identities.') }) };
  });
  return [...filled, ...emptyTargets(mapping, mapped, sourcesOf, dictionary)];
}

interface Judged {
  given: JsonValue;
  value: JsonValue | undefined;
  isTooMany: boolean;
  isKnown: boolean;
  isIdentity: boolean;
}

function judge({ given, value, isTooMany, isKnown, isIdentity }: Judged): Pick<TracedField, 'outcome' | 'reason' | 'value' | 'given'> {
  if (isTooMany) return { outcome: 'truncated', reason: 'too-many', value: value ?? null, given };
  if (value !== undefined) return isSameJson(value, given) ? { outcome: 'kept', reason: null, value, given: null } : { outcome: 'coerced', reason: null, value, given };
  const reason = !isKnown ? 'not-in-dictionary' : isIdentity ? 'names-nobody' : typeof given === 'string' && given.length > MAX_TEXT ? 'too-long' : 'does-not-fit';
  return { outcome: 'dropped', reason, value: null, given };
}

/** Targets that stay empty although the record has what they are made of: a condition does not hold, or a helper cannot read the value. */
function emptyTargets({ sources }: Pick<CompiledMapping, 'sources'>, mapped: JsonObject, sourcesOf: (target: string) => string[], dictionary: Dictionary): TracedField[] {
  const targets = [...sources.keys()];
  return targets.flatMap((target): TracedField[] => {
    const isTree = targets.some((other) => other.startsWith(`${target}.`));
    const own = isTree || hasValue(mapped, target.split('.')) ? [] : sourcesOf(target);
    return own.length === 0 ? [] : [{ target, sources: own, type: dictionary.field(target)?.type ?? null, outcome: 'empty', reason: 'nothing-made', value: null, given: null }];
  });
}

/** A target that was taken whole (`properties`) answers for the fields in it. */
function sourcesWithValue({ sources }: Pick<CompiledMapping, 'sources'>, raw: JsonValue, target: string): string[] {
  for (let keys = target.split('.'); keys.length > 0; keys = keys.slice(0, -1)) {
    const found = sources.get(keys.join('.'));
    if (found !== undefined) return found.filter((path) => path === '*' || hasValue(raw, path.split('.')));
  }
  return [];
}

/** Whether there is a value at a path, in any element of the lists on the way. */
function hasValue(value: JsonValue | undefined, [key, ...rest]: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => hasValue(item, key === undefined ? [] : [key, ...rest]));
  if (key === undefined) return value !== undefined && value !== null && value !== '';
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) && hasValue(value[key], rest);
}

function withoutPositions(path: string): string {
  return path.split('.').filter((key) => !/^\d+$/.test(key)).join('.');
}
