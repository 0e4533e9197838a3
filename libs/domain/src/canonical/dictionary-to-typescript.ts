import type { Dictionary, DictionaryField } from './dictionary.js';
import type { ScalarType } from './field-types.js';

/** The parts of a record that become an interface each, by their path. */
const INTERFACES: Readonly<Record<string, string>> = {
  profile: 'Profile', identities: 'Identities', properties: 'Properties', context: 'Context', order: 'Order', product: 'Product', store: 'Store', consent: 'Consent',
};
const SCALARS: Readonly<Record<ScalarType, string>> = {
  string: 'string', integer: 'number', number: 'number', boolean: 'boolean', datetime: 'string', date: 'string', money: 'Money', currency: 'string', country: 'string', locale: 'string', phone: 'string',
  email: 'string', url: 'string', ip: 'string', strings: 'string[]',
};
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * The dictionary as TypeScript declarations, for those who read or write canonical records in code. Needs no other types and compiles under `strict`.
 *
 * @param title the first line, e.g. with the version
 * @example dictionaryToTypeScript(dictionary, 'Data dictionary 1.2')
 */
export function dictionaryToTypeScript({ fields, events }: Pick<Dictionary, 'fields' | 'events'>, title: string): string {
  const children = childrenByParent(fields);
  const parts = Object.entries(INTERFACES).map(([path, name]) => `export interface ${name} ${objectType(path, children, '')}`);
  const own = (children.get('') ?? []).map((field) => member(field, '', children, '  '));
  const nested = ['properties', 'context', 'order', 'product', 'store'].map((path) => `  ${path}?: ${INTERFACES[path] as string};`);
  return [
    `// ${comment(title)}`,
    '/** An amount in the minor unit of an ISO 4217 currency. */\nexport interface Money {\n  amountMinor: number;\n  currency: string;\n}',
    ...parts,
    `/** The events that have a name of their own. Others may come, where a connection takes them. */\nexport type EventName =\n${events.map(({ name }) => `  | ${JSON.stringify(name)}`).join('\n')};`,
    `export interface CanonicalEvent {\n${[...own, ...nested].join('\n')}\n}`,
  ].join('\n\n').concat('\n');
}

/** Fields below the object that holds them; of those at the top the part of the record, or '' for the event itself. */
function childrenByParent(fields: readonly DictionaryField[]): Map<string, DictionaryField[]> {
  const objects = new Set([...Object.keys(INTERFACES), ...fields.flatMap(({ path, type }) => (type === 'object' || type === 'objects' ? [path] : []))]);
  const children = new Map<string, DictionaryField[]>();
  for (const field of fields) {
    const parent = parentOf(field.path, objects);
    children.set(parent, [...(children.get(parent) ?? []), field]);
  }
  return children;
}

function parentOf(path: string, objects: ReadonlySet<string>): string {
  for (let at = path.lastIndexOf('.'); at > 0; at = path.lastIndexOf('.', at - 1)) {
    if (objects.has(path.slice(0, at))) return path.slice(0, at);
  }
  return '';
}

function objectType(path: string, children: ReadonlyMap<string, readonly DictionaryField[]>, indent: string): string {
  const members = (children.get(path) ?? []).map((field) => member(field, path, children, `${indent}  `));
  return `{\n${members.join('\n')}\n${indent}}`;
}

function member(field: DictionaryField, parent: string, children: ReadonlyMap<string, readonly DictionaryField[]>, indent: string): string {
  const key = parent === '' ? field.path : field.path.slice(parent.length + 1);
  const name = IDENTIFIER.test(key) ? key : JSON.stringify(key);
  return `${indent}/** ${comment(field.description)} */\n${indent}${name}?: ${typeOf(field, children, indent)};`;
}

function typeOf({ path, type, values }: DictionaryField, children: ReadonlyMap<string, readonly DictionaryField[]>, indent: string): string {
  if (type === 'object') return objectType(path, children, indent);
  if (type === 'objects') return `${objectType(path, children, indent)}[]`;
  return values === undefined ? SCALARS[type] : values.map((value) => JSON.stringify(value)).join(' | ');
}

/** Descriptions are written by users: they may not end the comment. */
function comment(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /');
}
