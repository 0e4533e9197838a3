import { isJsonObject, type JsonValue } from '../json.js';
import { resolveReference } from './schema-walk.js';
import type { PlannedEvent } from './tracking-plan.js';

/** Keywords whose schemas are of the same value, */
const SAME = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items', 'contains', 'not', 'if', 'then', 'else'];
/** and those that hold such by name. */
const SAME_BY_NAME = ['dependentSchemas'];

/**
 * The dictionary paths that a planned event names, in its list of fields or in its schema; a list has the path of its items. Of a checked plan, whose references go in no circle.
 *
 * @example plannedPaths({ name: 'Product Viewed', schema: { properties: { properties: { properties: { price: {} } } } } }) // ['properties', 'properties.price']
 */
export function plannedPaths({ fields = [], schema }: PlannedEvent): string[] {
  const paths = new Set(fields.map(({ path }) => path));
  const seen = new Set<string>();
  const visit = (node: JsonValue | undefined, at: string, path: string): void => {
    if (Array.isArray(node)) return node.forEach((one, index) => { visit(one, `${at}/${index}`, path); });
    // The same part may be referred to at several places, and by way of several others at one.
    if (!isJsonObject(node) || seen.has(`${at} ${path}`)) return;
    seen.add(`${at} ${path}`);
    const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const named = [...Object.keys(isJsonObject(node.properties) ? node.properties : {}), ...(Array.isArray(node.required) ? node.required : [])];
    for (const name of named) if (typeof name === 'string') paths.add(below(name));
    for (const [name, child] of Object.entries(isJsonObject(node.properties) ? node.properties : {})) visit(child, `${at}/properties/${name}`, below(name));
    for (const key of SAME) visit(node[key], `${at}/${key}`, path);
    for (const key of SAME_BY_NAME) for (const [name, child] of Object.entries(isJsonObject(node[key]) ? node[key] : {})) visit(child, `${at}/${key}/${name}`, path);
    if (typeof node.$ref === 'string' && schema !== undefined) visit(resolveReference(schema, node.$ref), node.$ref, path);
  };
  visit(schema, '#', '');
  return [...paths];
}
