import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import { pointerToken } from '../json-pointer.js';
import type { VocabularyTerm } from './lint-vocabulary.js';

/** The kinds of documents that add to a dictionary, and what each adds. */
const KINDS: Readonly<Record<string, VocabularyTerm['kind']>> = { customFields: 'field', customEvents: 'event', customEntities: 'entity' };

/**
 * The names in a file that is kept in git: a dictionary (`{ customFields: [], customEvents: [], customEntities: [] }`), one exported document (`{ kind: 'customFields', content }`), or a
 * tracking plan (`{ events }`, a list of `{ name, properties }` or an object by name, where `properties` or `schema.properties` is that of JSON Schema). What a plan names may be there already.
 *
 * @example readVocabulary({ events: [{ name: 'Points Redeemed', properties: { points: { type: 'integer' } } }] }).map(({ name }) => name) // ['Points Redeemed', 'points']
 */
export function readVocabulary(tree: JsonValue): VocabularyTerm[] {
  if (!isJsonObject(tree)) return [];
  const { kind, content } = tree;
  if (typeof kind === 'string' && Object.hasOwn(KINDS, kind) && isJsonObject(content)) return ownTerm(content, KINDS[kind] as VocabularyTerm['kind'], '/content');
  if (typeof kind === 'string' && isJsonObject(content)) return planTerms(content, '/content');
  const own = Object.entries(KINDS).flatMap(([key, of]) => listOf(tree[key]).flatMap((entry, index) => (isJsonObject(entry) ? ownTerm(entry, of, `/${key}/${index}`) : [])));
  return [...own, ...planTerms(tree, '')];
}

function ownTerm({ name, entity, distinctFrom }: JsonObject, kind: VocabularyTerm['kind'], path: string): VocabularyTerm[] {
  if (typeof name !== 'string') return [];
  const scope = kind === 'field' && typeof entity === 'string' ? entity : '';
  return [{ kind, scope, name: kind === 'field' ? name.replace(/^custom\./, '') : name, path: `${path}/name`, distinctFrom: textsOf(distinctFrom) }];
}

function planTerms({ events }: JsonObject, prefix: string): VocabularyTerm[] {
  const entries: [string, JsonValue, string][] = isJsonObject(events ?? null)
    ? Object.entries(events as JsonObject).map(([name, event]) => [name, event, `${prefix}/events/${pointerToken(name)}`])
    : listOf(events).map((event, index) => [isJsonObject(event) && typeof event.name === 'string' ? event.name : '', event, `${prefix}/events/${index}`]);
  return entries.flatMap(([name, event, path]) => (isJsonObject(event) && name !== '' ? [{ kind: 'event' as const, scope: '', name, path, mayExist: true, distinctFrom: textsOf(event.distinctFrom) }, ...propertyTerms(event, 'event', path)] : []));
}

/** Properties of JSON Schema, those of objects and lists within them included. */
function propertyTerms(schema: JsonObject, scope: string, path: string): VocabularyTerm[] {
  const [properties, place] = isJsonObject(schema.properties ?? null) ? [schema.properties as JsonObject, `${path}/properties`] : isJsonObject(schema.schema ?? null) ? [undefined, path] : [{}, path];
  if (properties === undefined) return propertyTerms(schema.schema as JsonObject, scope, `${path}/schema`);
  return Object.entries(properties).flatMap(([name, value]) => {
    const at = `${place}/${pointerToken(name)}`;
    const inner = isJsonObject(value) ? (isJsonObject(value.items ?? null) ? (value.items as JsonObject) : value) : {};
    return [{ kind: 'field' as const, scope, name, path: at, mayExist: true, distinctFrom: textsOf(isJsonObject(value) ? value.distinctFrom : undefined) }, ...propertyTerms(inner, `${scope}.${name}`, at)];
  });
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: JsonValue | undefined): string[] {
  return listOf(value).filter((entry) => typeof entry === 'string');
}
