import type { ErrorPlace } from '../errors/firsthand-error.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import type { JsonValue } from '../json.js';
import { compileSingle } from './compile-template.js';
import { assign, compileAssignments, isAbove, templatePlace, type Assignment, type ValuePlace } from './compile-value.js';
import { isTruthy, type MappingHelper } from './mapping-helper.js';
import { mappingHelpers } from './mapping-helpers.js';
import type { CompiledMapping, Mapping, MappingPart, MappingValue } from './mapping.js';
import type { TemplateRun } from './template-run.js';

/** What a mapping may name. */
export interface CompileMappingOptions {
  /** Whether a path can be filled, e.g. `dictionary.isTarget`. Everything by default. */
  targets?: (path: string) => boolean;
  /** The helpers that templates may call. {@link mappingHelpers} by default. */
  helpers?: ReadonlyMap<string, MappingHelper>;
  /** Names of the `@` variables besides `@root` and `@index`. `settings`, `receivedAt` and `connectionId` by default. */
  variables?: readonly string[];
}

interface Part {
  when: TemplateRun | null;
  assignments: Assignment[];
}

const DEFAULT_VARIABLES = ['settings', 'receivedAt', 'connectionId'];

/**
 * Compiles a mapping to closures, once per version. The result never throws, whatever the record, reads own properties only and leaves its
 * input as it is (parts of it may be part of the output).
 *
 * @throws FirsthandError `INVALID_MAPPING`; `places` names the target and, inside a template, `line:column`.
 * @example compileMapping({ 'profile.email': '{{lower email}}' }).apply({ email: 'Ana@Example.com' }, {}) // { profile: { email: 'ana@example.com' } }
 */
export function compileMapping(mapping: Mapping, options: CompileMappingOptions = {}): CompiledMapping {
  const places: ErrorPlace[] = [];
  const reads = new Map<string, Set<string>>();
  const sources = new Map<string, Set<string>>();
  const parts = (Array.isArray(mapping) ? mapping : [mapping]).map((part, index) =>
    compilePart(part, Array.isArray(mapping) ? `/${index}` : '', { ...options, report: (place) => places.push(place), reads, sources }));
  markShared(parts);
  if (places.length > 0) throw new FirsthandError('INVALID_MAPPING', `${places[0]?.path} ${places[0]?.message}`, places);
  return {
    reads: new Map([...reads].map(([target, paths]) => [target, [...paths]])),
    sources: new Map([...sources].map(([target, paths]) => [target, [...paths]])),
    apply(record, variables) {
      const tree: Record<string, JsonValue> = {};
      const scope = { root: record, variables, index: 0 };
      for (const { when, assignments } of parts) {
        if (when === null || isTruthy(when(record, scope))) assign(tree, assignments, record, scope);
      }
      return tree;
    },
  };
}

/** Where what is found of all parts is gathered. */
interface Gathering extends CompileMappingOptions {
  report(place: ErrorPlace): void;
  reads: Map<string, Set<string>>;
  sources: Map<string, Set<string>>;
}

function compilePart(part: MappingPart, pointer: string, { reads, sources, ...options }: Gathering): Part {
  const place: ValuePlace = {
    pointer, target: '', depth: 0, prefix: [], isInsideEach: false, reads: new Set(), sources: new Set(),
    readsOf: (target) => reads.get(target) ?? setIn(reads, target),
    sourcesOf: (target) => sources.get(target) ?? setIn(sources, target),
    helpers: options.helpers ?? mappingHelpers,
    variables: new Set(options.variables ?? DEFAULT_VARIABLES),
    isTarget: options.targets ?? (() => true),
    report: (path, at, reason) => options.report({ path: path || '/', message: at === null ? `${reason}.` : `${at} ${reason}.` }),
  };
  if (typeof part !== 'object' || part === null || Array.isArray(part)) {
    place.report(pointer, null, 'A mapping is an object of targets, or a list of these');
    return { when: null, assignments: [] };
  }
  const { $when, ...targets } = part;
  const when = $when === undefined ? null : compilePartCondition($when, place);
  return { when, assignments: compileAssignments(targets, place) };
}

function setIn(reads: Map<string, Set<string>>, target: string): Set<string> {
  const paths = new Set<string>();
  reads.set(target, paths);
  return paths;
}

function compilePartCondition(condition: MappingValue, place: ValuePlace): TemplateRun | null {
  const pointer = `${place.pointer}/$when`;
  if (typeof condition === 'string') return compileSingle(condition, templatePlace(place, pointer));
  place.report(pointer, null, '$when is a template');
  return null;
}

/** A part may write below what an earlier part took whole from the input; that is copied, never changed. */
function markShared(parts: readonly Part[]): void {
  parts.forEach(({ assignments }, index) => {
    const earlier = parts.slice(0, index).flatMap((part) => part.assignments);
    for (const assignment of assignments) assignment.isShared ||= earlier.some(({ path }) => isAbove(path, assignment.path));
  });
}
