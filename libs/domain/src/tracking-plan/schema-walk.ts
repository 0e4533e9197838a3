import type { ErrorPlace } from '../errors/firsthand-error.js';
import { isSafeKey } from '../canonical/safe-key.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import { keyOfToken, pointerToken } from '../json-pointer.js';
import { PLAN_FORMATS } from './create-ajv.js';

/** A schema may be so deep, */
const MAX_DEPTH = 20;
/** and, with every reference written out, ask so many questions of one event. */
const MAX_NODES = 20_000;

const ONE = ['items', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'propertyNames', 'contains', 'not', 'if', 'then', 'else'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas', '$defs'];
/** Other ways to refer to schemas than a pointer. */
const REFUSED = ['$id', '$anchor', '$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$recursiveAnchor', '$vocabulary', '$schema', 'definitions', 'dependencies'];

/** All other keywords: there are none but those of JSON Schema 2020-12, and `nullable` of OpenAPI. Of its own Ajv has one that would have events judged later than they are stored. */
const OTHERS = [
  '$ref', 'type', 'const', 'enum', 'format', 'nullable', 'maximum', 'minimum', 'exclusiveMaximum', 'exclusiveMinimum', 'multipleOf', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems', 'maxContains', 'minContains',
  'maxProperties', 'minProperties', 'required', 'dependentRequired', '$comment', 'title', 'description', 'default', 'deprecated', 'readOnly', 'writeOnly', 'examples', 'contentMediaType', 'contentEncoding', 'contentSchema',
];
const KEYWORDS = new Set([...ONE, ...LISTS, ...MAPS, ...OTHERS]);
const SCALARS = new Set<JsonValue>(['string', 'number', 'integer', 'boolean', 'null']);

/** What is wrong with a schema, and the patterns that are in it, each with its place. */
export interface SchemaWalk {
  places: ErrorPlace[];
  patterns: { path: string; pattern: string }[];
}

/**
 * Goes through a JSON Schema without running it: references must stay within it and come back nowhere, and it must be neither too deep nor too large with all of them written out.
 *
 * @param path where the schema stands, as a JSON Pointer
 * @example walkSchema({ $ref: 'https://example.com/x.json' }, '/events/0/schema').places // one
 */
export function walkSchema(schema: JsonObject, path: string): SchemaWalk {
  const walk = new Walk(schema);
  walk.visit(schema, path, 0);
  return { places: walk.places, patterns: walk.patterns };
}

class Walk implements SchemaWalk {
  readonly places: ErrorPlace[] = [];
  readonly patterns: SchemaWalk['patterns'] = [];
  private readonly open = new Set<JsonValue>();
  private readonly sizes = new Map<JsonValue, number>();

  constructor(private readonly root: JsonObject) {}

  /** Gives how many schemas it comes to. */
  visit(node: JsonValue, path: string, depth: number): number {
    if (typeof node === 'boolean') return 1;
    if (!isJsonObject(node)) return this.report(path, 'is no schema: write an object or a boolean.');
    const known = this.sizes.get(node);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) return this.report(path, `is deeper than ${MAX_DEPTH} levels.`);
    this.open.add(node);
    let size = 1;
    for (const key of REFUSED) if (Object.hasOwn(node, key)) this.report(`${path}/${key}`, 'is not taken here: refer to parts of this schema by "#/$defs/…".');
    this.keywords(node, path);
    if (typeof node.pattern === 'string') this.patterns.push({ path: `${path}/pattern`, pattern: node.pattern });
    for (const [step, child] of this.childrenOf(node, path)) size += this.visit(child, step, depth + 1);
    if (Object.hasOwn(node, '$ref')) size += this.follow(node.$ref, `${path}/$ref`, depth);
    this.open.delete(node);
    if (size > MAX_NODES) this.report(path, 'is too large with all its references written out.');
    // Whatever holds it is told of once.
    const kept = size > MAX_NODES ? 1 : size;
    this.sizes.set(node, kept);
    return kept;
  }

  private keywords(node: JsonObject, path: string): void {
    for (const key of Object.keys(node)) if (!KEYWORDS.has(key) && !REFUSED.includes(key)) this.report(`${path}/${pointerToken(key)}`, 'is no keyword of JSON Schema 2020-12.');
    if (typeof node.format === 'string' && !Object.hasOwn(PLAN_FORMATS, node.format)) this.report(`${path}/format`, `is none of ${Object.keys(PLAN_FORMATS).join(', ')}.`);
    if (Array.isArray(node.enum) && node.enum.length === 0) this.report(`${path}/enum`, 'names no value.');
    if (node.uniqueItems === true && !isOfScalars(node.items)) this.report(`${path}/uniqueItems`, 'goes with items of a simple type (`"items": { "type": "string" }`): of others each would be compared with every other.');
  }

  private childrenOf(node: JsonObject, path: string): [path: string, child: JsonValue][] {
    const list = (key: string): JsonValue[] => (Array.isArray(node[key]) ? node[key] : []);
    const map = (key: string): JsonObject => (isJsonObject(node[key]) ? node[key] : {});
    for (const name of Object.keys(map('properties'))) if (!isSafeKey(name)) this.report(`${path}/properties/${name}`, 'cannot be a field name.');
    for (const pattern of Object.keys(map('patternProperties'))) this.patterns.push({ path: `${path}/patternProperties/${pointerToken(pattern)}`, pattern });
    return [
      ...ONE.flatMap((key): [string, JsonValue][] => (Object.hasOwn(node, key) ? [[`${path}/${key}`, node[key] as JsonValue]] : [])),
      ...LISTS.flatMap((key) => list(key).map((child, index): [string, JsonValue] => [`${path}/${key}/${index}`, child])),
      ...MAPS.flatMap((key) => Object.entries(map(key)).map(([name, child]): [string, JsonValue] => [`${path}/${key}/${pointerToken(name)}`, child])),
    ];
  }

  private follow(reference: JsonValue | undefined, path: string, depth: number): number {
    if (typeof reference !== 'string' || !(reference === '#' || reference.startsWith('#/'))) return this.report(path, 'leads out of this schema: only references such as "#/$defs/price" are taken.');
    const target = resolveReference(this.root, reference);
    if (target === undefined) return this.report(path, 'leads nowhere.');
    if (this.open.has(target)) return this.report(path, 'comes back to where it begins: a plan has no circles.');
    return this.visit(target, path, depth + 1);
  }

  private report(path: string, message: string): number {
    this.places.push({ path, message });
    return 1;
  }
}

function isOfScalars(items: JsonValue | undefined): boolean {
  const types = isJsonObject(items) && items.type !== undefined ? [items.type].flat() : [];
  return types.length > 0 && types.every((type) => SCALARS.has(type));
}

/** What a reference within a schema, such as `#/$defs/price`, leads to. */
export function resolveReference(root: JsonObject, reference: string): JsonValue | undefined {
  let node: JsonValue | undefined = root;
  for (const part of reference.split('/').slice(1)) {
    const key = decoded(part);
    if (key === undefined || typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as JsonObject)[key];
  }
  return node;
}

function decoded(part: string): string | undefined {
  try {
    return keyOfToken(decodeURIComponent(part));
  } catch {
    return undefined;
  }
}
