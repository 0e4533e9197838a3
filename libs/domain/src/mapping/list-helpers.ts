import type { JsonObject } from '../json.js';
import { camelCase } from '../canonical/title-case.js';
import { isAbsent, textOf, type MappedValue, type MappingHelper } from './mapping-helper.js';
import { isSafeKey } from '../canonical/safe-key.js';
import { readPath } from './read-path.js';

const MAX_DEPTH = 32;
const list = { name: 'list', description: 'A list.' };
const listOrText = { name: 'value', description: 'A list or text.' };

function camelKeys(value: MappedValue, depth: number): MappedValue {
  if (value === null || typeof value !== 'object' || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => camelKeys(item, depth + 1) as never);
  const out: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const name = camelCase(key);
    if (name !== '' && isSafeKey(name)) out[name] = camelKeys(item, depth + 1) as never;
  }
  return out;
}

/** Helpers over lists and objects. */
export const listHelpers: readonly MappingHelper[] = [
  {
    name: 'get', description: 'Reads a path that is not known before; own properties only.',
    args: [{ name: 'value', description: 'An object or list.' }, { name: 'path', description: 'Keys divided by dots.' }, { name: 'default', description: 'What to give when there is nothing.', isOptional: true }],
    example: { template: '{{get titles language "?"}}', record: { titles: { en: 'Shoe' }, language: 'en' }, gives: 'Shoe' },
    run: (value, path, fallback) => {
      const found = readPath(value, textOf(path) ?? '');
      return isAbsent(found) ? fallback : found;
    },
  },
  {
    name: 'first', description: 'The first element.', args: [list],
    example: { template: '{{first emails}}', record: { emails: ['a@example.com', 'b@example.com'] }, gives: 'a@example.com' },
    run: (values) => (Array.isArray(values) ? values[0] : undefined),
  },
  {
    name: 'last', description: 'The last element.', args: [list],
    example: { template: '{{last codes}}', record: { codes: ['a', 'b'] }, gives: 'b' },
    run: (values) => (Array.isArray(values) ? values.at(-1) : undefined),
  },
  {
    name: 'size', description: 'How many elements a list or characters a text has.', args: [listOrText],
    example: { template: '{{size items}}', record: { items: [1, 2, 3] }, gives: 3 },
    run: (value) => (Array.isArray(value) ? value.length : typeof value === 'string' ? [...value].length : undefined),
  },
  {
    name: 'split', description: 'Divides a text; parts are trimmed and empty ones left out.', args: [{ name: 'value', description: 'A text.' }, { name: 'separator', description: 'Divides the parts.' }],
    example: { template: '{{split tags ","}}', record: { tags: 'vip, new,' }, gives: ['vip', 'new'] },
    run: (value, separator) => textOf(value)?.split(textOf(separator) ?? ',').map((part) => part.trim()).filter((part) => part !== ''),
  },
  {
    name: 'join', description: 'Makes one text of a list; absent parts are left out.', args: [list, { name: 'separator', description: 'Put between the parts.' }],
    example: { template: '{{join tags ", "}}', record: { tags: ['vip', null, 'new'] }, gives: 'vip, new' },
    run: (values, separator) => (Array.isArray(values) ? values.map(textOf).filter((part) => !isAbsent(part)).join(textOf(separator) ?? ',') : undefined),
  },
  {
    name: 'contains', description: 'Whether a list has an element, or a text a part.', args: [listOrText, { name: 'sought', description: 'The element or part.' }],
    example: { template: '{{contains tags "vip"}}', record: { tags: ['vip'] }, gives: true },
    run: (value, sought) => {
      const text = textOf(sought);
      if (text === undefined) return false;
      return Array.isArray(value) ? value.some((item) => textOf(item) === text) : (textOf(value)?.includes(text) ?? false);
    },
  },
  {
    name: 'choices', description: 'An object of what was chosen: true for each text of the first list, false for each of the second, which wins. Made for consent given as two lists.',
    args: [{ name: 'allowed', description: 'A list of texts.' }, { name: 'denied', description: 'A list of texts.' }],
    example: { template: '{{choices allowed denied}}', record: { allowed: ['analytics'], denied: ['advertising'] }, gives: { analytics: true, advertising: false } },
    run: (allowed, denied) => {
      const out: JsonObject = {};
      for (const [names, choice] of [[allowed, true], [denied, false]] as const) {
        for (const name of Array.isArray(names) ? names : []) if (typeof name === 'string' && name !== '' && isSafeKey(name)) out[name] = choice;
      }
      return out;
    },
  },
  {
    name: 'camelKeys', description: 'An object with its keys, and those below, in lowerCamelCase (`product_id` becomes `productId`).', args: [{ name: 'value', description: 'An object or list.' }],
    example: { template: '{{camelKeys properties}}', record: { properties: { product_id: 'p1' } }, gives: { productId: 'p1' } },
    run: (value) => camelKeys(value, 0),
  },
];
