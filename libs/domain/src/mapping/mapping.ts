import type { JsonValue } from '../json.js';

/**
 * A value of a mapping: a template in Handlebars syntax, or a literal, a list, a condition, or a nested tree.
 * - `'{{customer.email}}'`: a bare path keeps its type; `'{{lower customer.email}}'`: one helper call keeps its type;
 *   mixed text is rendered to a string.
 * - `{ $const: 5 }`: the literal.
 * - `{ $each: '{{line_items}}', value: … }`: one entry per element; inside, paths are relative to the element, `@root` is the record, `@index` the position.
 * - `{ $when: '{{eq financial_status "paid"}}', value: …, else?: … }`: by the truth of a template.
 */
export type MappingValue =
  | string
  | { $const: JsonValue }
  | { $each: string; value: MappingValue }
  | { $when: string; value: MappingValue; else?: MappingValue }
  | { [key: string]: MappingValue };

/** Target path to value, filled in order (a whole before its parts). Targets are canonical fields (`identities.phone`, `profile.email`, `order.lines`) or, for a destination, its fields. */
export interface MappingPart {
  $when?: string;
  [target: string]: MappingValue | undefined;
}

/** One part, or several whose `$when` holds, applied in order (later ones win per target). */
export type Mapping = MappingPart | MappingPart[];

/** The data variables a template may use besides the record: `@settings.country`, `@receivedAt` (ISO), `@connectionId`. */
export interface MappingVariables {
  settings?: Record<string, JsonValue>;
  receivedAt?: string;
  connectionId?: string;
  [name: string]: JsonValue | Record<string, JsonValue> | undefined;
}

/** A compiled mapping: pure, reusable, makes no assumption about its input's shape. */
export interface CompiledMapping {
  /** Maps one raw record to a nested tree; absent and empty results are left out. */
  apply(record: JsonValue, variables: MappingVariables): Record<string, JsonValue>;
  /**
   * For each target, the paths it reads (e.g. `profile.email`), conditions included, known without running it. List positions are left out;
   * `*` is the whole record. A tree has an entry of its own with all that is read below it.
   */
  readonly reads: ReadonlyMap<string, readonly string[]>;
  /**
   * The same, for people who ask where a value comes from: targets inside of `$each` have entries of their own (`order.lines.sku` from
   * `items.sku`), and a list that `$each` only walks over is no source.
   */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}
