import type { JsonValue } from '../json.js';
import type { MappingVariables } from './mapping.js';
import type { MappedValue, MappingHelper } from './mapping-helper.js';

/** What stays the same while one record is mapped, plus the position inside the nearest `$each`. */
export interface TemplateScope {
  root: JsonValue;
  variables: MappingVariables;
  index: number;
}

/** A compiled template: the value over a context (the record, or an element of `$each`). */
export type TemplateRun = (context: MappedValue, scope: TemplateScope) => MappedValue;

/** Where a template stands, and what it may use. */
export interface TemplatePlace {
  /** Names for `@name`, besides `root` and `index`. */
  variables: ReadonlySet<string>;
  helpers: ReadonlyMap<string, MappingHelper>;
  /** The input path that relative paths start from; null when it is not known before the run. */
  prefix: readonly string[] | null;
  isInsideEach: boolean;
  /** Takes every input path the template reads, `*` for all of the record. */
  reads: Set<string>;
  /** Takes those of them whose values go into the target or decide on it: not the list that `$each` only walks over. */
  sources: Set<string>;
  /** Takes every mistake. `at` is `line:column`, both from 1. */
  refuse(at: string, reason: string): void;
}
