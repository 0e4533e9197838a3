import type { JsonObject, JsonValue } from '../json.js';
import { PLAN_SECTIONS, type PlanField, type PlanFieldType } from './tracking-plan.js';

/** Sections whose other fields count as unplanned as soon as the plan names one. A profile and a context are never only what one event is about. */
const CLOSED = new Set<string>(['properties', 'order', 'product', 'store']);

const MONEY: JsonObject = { title: 'amount of money', type: 'object', properties: { amountMinor: { type: 'integer' }, currency: { type: 'string', minLength: 3, maxLength: 3 } }, required: ['amountMinor', 'currency'] };

const SCALARS: Record<Exclude<PlanFieldType, 'object' | 'objects'>, JsonObject> = {
  string: { type: 'string' }, integer: { type: 'integer' }, number: { type: 'number' }, boolean: { type: 'boolean' }, datetime: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' }, money: MONEY, strings: { type: 'array', items: { type: 'string' } }, any: {},
};

interface Node {
  field: PlanField | null;
  children: Map<string, Node>;
}

/**
 * The JSON Schema (2020-12) of an event whose fields are listed: each field under its section, a list of objects under its items. What stands below a field that is itself not
 * listed makes it an object. Other fields are not allowed in sections that the list names, nor among the properties.
 *
 * @example fieldsToSchema([{ path: 'properties.price', type: 'number', required: true }])
 */
export function fieldsToSchema(fields: readonly PlanField[]): JsonObject {
  const root: Node = { field: null, children: new Map([['properties', { field: null, children: new Map<string, Node>() }]]) };
  for (const field of fields) {
    const node = field.path.split('.').reduce((parent, name) => childOf(parent, name), root);
    node.field = field;
  }
  const sections = [...root.children].filter(([name]) => (PLAN_SECTIONS as readonly string[]).includes(name));
  return { type: 'object', properties: Object.fromEntries(sections.map(([name, node]) => [name, objectSchema(node, !CLOSED.has(name))])) };
}

function childOf(parent: Node, name: string): Node {
  const known = parent.children.get(name);
  if (known !== undefined) return known;
  const made: Node = { field: null, children: new Map() };
  parent.children.set(name, made);
  return made;
}

/** Without fields of its own anything may be in it. */
function objectSchema({ children }: Node, isOpen: boolean): JsonObject {
  const required = [...children].filter(([, { field }]) => field?.required === true).map(([name]) => name);
  return {
    type: 'object', properties: Object.fromEntries([...children].map(([name, node]) => [name, nodeSchema(node)])),
    ...(required.length === 0 ? {} : { required }), ...(isOpen ? {} : { additionalProperties: false }),
  };
}

function nodeSchema(node: Node): JsonObject {
  const { field, children } = node;
  const type = field?.type ?? 'object';
  if (type === 'object') return objectSchema(node, children.size === 0);
  if (type === 'objects') return { type: 'array', items: objectSchema(node, children.size === 0) };
  return { ...SCALARS[type], ...rulesOf(field as PlanField) };
}

/** The rules of a list of texts are those of each text. */
function rulesOf({ type, values, pattern, minimum, maximum, maxLength, default: otherwise }: PlanField): JsonObject {
  const rules: Record<string, JsonValue | undefined> = {
    enum: values === undefined ? undefined : [...values], pattern: pattern === undefined ? undefined : wholeText(pattern), minimum, maximum, maxLength,
  };
  const given = Object.fromEntries(Object.entries(rules).filter((rule): rule is [string, JsonValue] => rule[1] !== undefined));
  const own: JsonObject = type === 'strings' && Object.keys(given).length > 0 ? { items: { type: 'string', ...given } } : given;
  return otherwise === undefined ? own : { ...own, default: otherwise };
}

/**
 * A pattern for the whole text: people mean that, and what is looked for at any place costs as many tries as there are places.
 *
 * @example wholeText('[A-Z]{3}') // '^(?:[A-Z]{3})$'
 */
export function wholeText(pattern: string): string {
  return `^(?:${pattern})$`;
}
